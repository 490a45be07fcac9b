import type { EdmType } from '@souk/contract';

export type Json = Record<string, unknown>;
export const isJson = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);
export const text = (v: unknown): string | undefined =>
  typeof v === 'string' && v.trim() !== '' ? v.trim() : undefined;
export const list = (v: unknown): unknown[] => (Array.isArray(v) ? v : []);

/** Follows references inside a description one at a time: expanding all of them could grow without end. */
export class Refs {
  readonly #document: Json;
  constructor(document: Json) {
    this.#document = document;
  }

  /** What is there, once its references are followed; an empty object where there is nothing. */
  json(value: unknown, depth = 0): Json {
    if (!isJson(value)) return {};
    const ref = value.$ref;
    if (typeof ref !== 'string' || depth > 20) return value;
    let found: unknown = this.#document;
    for (const part of ref.replace(/^#\/?/, '').split('/')) {
      const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
      found = isJson(found) && Object.hasOwn(found, name) ? found[name] : undefined;
    }
    return this.json(found, depth + 1);
  }

  /** Fields of an object, those that `allOf` adds too. */
  properties(schema: Json, depth = 0): [string, unknown][] {
    const own = Object.entries(isJson(schema.properties) ? schema.properties : {});
    if (depth > 5) return own;
    return [...list(schema.allOf).flatMap((part) => this.properties(this.json(part), depth + 1)), ...own];
  }

  /** The first reference to something that is not in the description. */
  outside(value: unknown = this.#document, depth = 0): string | undefined {
    if (depth > 200) return 'something nested without end';
    if (Array.isArray(value)) {
      for (const v of value) {
        const found = this.outside(v, depth + 1);
        if (found) return found;
      }
    } else if (isJson(value)) {
      if (typeof value.$ref === 'string' && !value.$ref.startsWith('#')) return value.$ref.slice(0, 200);
      for (const v of Object.values(value)) {
        const found = this.outside(v, depth + 1);
        if (found) return found;
      }
    }
    return undefined;
  }
}

export function edmOf(schema: Json): EdmType {
  const type = Array.isArray(schema.type) ? schema.type.find((t) => t !== 'null') : schema.type;
  const format = schema.format;
  if (type === 'integer') return format === 'int32' ? 'Edm.Int32' : 'Edm.Int64';
  if (type === 'number') return format === 'float' ? 'Edm.Single' : 'Edm.Double';
  if (type === 'boolean') return 'Edm.Boolean';
  if (type !== 'string') return 'Edm.String';
  return format === 'date'
    ? 'Edm.Date'
    : format === 'date-time'
      ? 'Edm.DateTimeOffset'
      : format === 'uuid'
        ? 'Edm.Guid'
        : 'Edm.String';
}
