import { createRequire } from 'node:module';
import {
  type EdmType,
  edmTypes,
  type PublicOperation,
  type ServiceColumn,
  type ServiceParameter,
} from '@souk/contract';

// A package without types: the CSDL converter of the OASIS.
const { xml2json } = createRequire(import.meta.url)('odata-csdl') as {
  xml2json(xml: string, options?: { messages?: { message: string }[] }): Csdl;
};
type Json = Record<string, unknown>;
type Csdl = Json & { $EntityContainer?: string };

/**
 * What an OData service says that it offers: its functions, actions and entity sets, as operations. Throws a sentence where the metadata
 * is none. Types that a table cannot show are left out of the columns.
 */
export function readMetadata(xml: string): PublicOperation[] {
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw new Error('it has a document type (<!DOCTYPE)');
  if (!/<(\w+:)?Edmx[\s>]/.test(xml)) throw new Error('it is no CSDL document (no <edmx:Edmx>)');
  const csdl = xml2json(xml, { messages: [] });
  const container = csdl.$EntityContainer ? at(csdl, csdl.$EntityContainer) : undefined;
  if (!container) throw new Error('it has no entity container, so there is nothing to call');
  return Object.entries(container).flatMap(([name, member]): PublicOperation[] => {
    if (name.startsWith('$') || !isJson(member)) return [];
    const target = text(member.$Function) ?? text(member.$Action);
    if (target) return fromImport(csdl, name, target, member.$Action !== undefined);
    const type = text(member.$Type);
    if (!member.$Collection || !type) return [];
    return [{ name, kind: 'function', parameters: [], columns: columnsOf(csdl, type), collection: true }];
  });
}

function fromImport(csdl: Csdl, name: string, target: string, action: boolean): PublicOperation[] {
  const overloads = at(csdl, target);
  const [first] = Array.isArray(overloads) ? (overloads as Json[]) : [];
  if (!first) return [];
  const returns = isJson(first.$ReturnType) ? first.$ReturnType : {};
  const type = text(returns.$Type) ?? 'Edm.String';
  const parameters = (Array.isArray(first.$Parameter) ? (first.$Parameter as Json[]) : []).map(
    (p): ServiceParameter => ({
      name: String(p.$Name),
      type: edm(p.$Type) ?? 'Edm.String',
      ...(p.$Collection ? { collection: true } : {}),
      ...(p.$Nullable ? { nullable: true } : {}),
    }),
  );
  const primitive = edm(type);
  return [
    {
      name,
      kind: action ? 'action' : 'function',
      parameters,
      columns: primitive ? [{ name: 'value', type: primitive }] : columnsOf(csdl, type),
      collection: returns.$Collection === true,
    },
  ];
}

function columnsOf(csdl: Csdl, typeName: string, depth = 0): ServiceColumn[] {
  const type = at(csdl, typeName);
  if (!isJson(type) || depth > 20) return [];
  const base = text(type.$BaseType);
  const keys = Array.isArray(type.$Key) ? type.$Key : [];
  const own = Object.entries(type).flatMap(([name, p]): ServiceColumn[] => {
    if (name.startsWith('$') || name.includes('@') || !isJson(p) || p.$Kind === 'NavigationProperty')
      return [];
    const primitive = edm(p.$Type ?? 'Edm.String');
    if (!primitive) return [];
    return [
      {
        name,
        type: primitive,
        ...(p.$Collection ? { collection: true } : {}),
        ...(p.$Nullable ? { nullable: true } : {}),
        ...(keys.includes(name) ? { key: true } : {}),
      },
    ];
  });
  return [...(base ? columnsOf(csdl, base, depth + 1) : []), ...own];
}

/** `Namespace.Name`, where namespaces have dots of their own. */
function at(csdl: Json, name: string): Json | Json[] | undefined {
  const dot = name.lastIndexOf('.');
  const schema = csdl[name.slice(0, dot)];
  const found = isJson(schema) ? schema[name.slice(dot + 1)] : undefined;
  return isJson(found) || Array.isArray(found) ? (found as Json) : undefined;
}

const isJson = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);
const text = (v: unknown): string | undefined => (typeof v === 'string' ? v : undefined);
const edm = (v: unknown): EdmType | undefined =>
  v === undefined ? 'Edm.String' : edmTypes.find((t) => t === v);
