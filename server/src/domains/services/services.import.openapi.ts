import SwaggerParser from '@apidevtools/swagger-parser';
import {
  patternProblem,
  type ServiceColumn,
  type ServiceImport,
  type ServiceOperation,
  type ServiceParameter,
  type ServiceSection,
} from '@souk/contract';
import { type Identifiers, named, newIdentifiers } from './services.identifiers.ts';
import { edmOf, isJson, type Json, list, Refs, text } from './services.import.schema.ts';
import type { Note } from './services.import.ts';

const methods = ['get', 'post', 'put', 'delete'] as const;

/** OpenAPI 3 and Swagger 2. Nothing is fetched: what a description refers to must be in it. */
export async function readOpenApi(document: unknown): Promise<ServiceImport> {
  if (!isJson(document)) throw new Error('it is no object');
  const swagger = document.swagger !== undefined;
  if (!swagger && !/^3\./.test(String(document.openapi)))
    throw new Error('it says neither openapi: 3 nor swagger: "2.0"');
  const notes: Note[] = [];
  const refs = new Refs(document);
  const outside = refs.outside();
  if (outside) throw new Error(`it refers to ${outside}, which is not in it; put everything into one file`);
  await validate(document, notes);
  const identifiers = newIdentifiers();
  const operations: ServiceOperation[] = [];
  for (const [path, given] of Object.entries(isJson(document.paths) ? document.paths : {})) {
    const item = refs.json(given);
    for (const method of methods) {
      const operation = refs.json(item[method]);
      if (Object.keys(operation).length === 0) continue;
      const place = `${method.toUpperCase()} ${path}`;
      if (operations.length >= 200) {
        notes.push({ place, message: 'Left out: a service has at most 200 operations.' });
        continue;
      }
      const name = identifiers(text(operation.operationId) ?? `${method}_${path}`);
      try {
        operations.push(
          new Reader(refs, notes, place).read(name, method, path, operation, list(item.parameters)),
        );
      } catch (error) {
        notes.push({ place, message: `Left out: ${(error as Error).message}.` });
      }
    }
  }
  const info = refs.json(document.info);
  const authentication = authenticationOf(document, refs);
  return {
    format: swagger ? 'swagger' : 'openapi',
    title: (text(info.title) ?? '').slice(0, 255),
    url: urlOf(document, refs),
    ...(authentication ? { authentication } : {}),
    operations,
    notes,
  };
}

/** By the maintained parser; what it finds wrong is said, and what can be read is read all the same. */
async function validate(document: Json, notes: Note[]): Promise<void> {
  try {
    await SwaggerParser.validate(structuredClone(document) as never, {
      resolve: { external: false },
      dereference: { circular: 'ignore' },
    });
  } catch (error) {
    notes.push({
      place: '',
      message: `It is not valid: ${((error as Error).message.split('\n')[0] ?? '').slice(0, 300)}`,
    });
  }
}

class Reader {
  readonly #refs: Refs;
  readonly #notes: Note[];
  readonly #place: string;
  readonly #identifiers = newIdentifiers();
  readonly #parameters: ServiceParameter[] = [];

  constructor(refs: Refs, notes: Note[], place: string) {
    this.#refs = refs;
    this.#notes = notes;
    this.#place = place;
  }

  read(
    name: string,
    method: (typeof methods)[number],
    path: string,
    o: Json,
    shared: unknown[],
  ): ServiceOperation {
    const all = [...shared, ...list(o.parameters)].map((p) => this.#refs.json(p));
    // Those of the operation come later, and win.
    const byPlace = [...new Map(all.map((p) => [`${p.in} ${p.name}`, p])).values()];
    let target = path.replace(/^\/+/, '');
    const query: string[] = [];
    const headers: { name: string; value: string }[] = [];
    for (const p of byPlace) {
      const original = text(p.name) ?? '';
      if (p.in === 'path') {
        const made = this.#add(original, p, true);
        target = target.replaceAll(`{${original}}`, `{${made}}`);
      } else if (p.in === 'query')
        query.push(`${encodeURIComponent(original)}={${this.#add(original, p, p.required === true)}}`);
      else if (p.in === 'header' && !/^(authorization|accept|content-type)$/i.test(original))
        headers.push({ name: original, value: `{${this.#add(original, p, p.required === true)}}` });
      else if (p.in === 'cookie' || p.in === 'formData') {
        if (p.required === true) throw new Error(`it needs ${original} as ${p.in}, which is not sent`);
        this.#note(`${original} (${p.in}) is not sent.`);
      }
    }
    if (/\{[^}]*[^A-Za-z0-9_}][^}]*\}/.test(target))
      throw new Error('its path has a parameter that is not described');
    const body = this.#body(o, byPlace);
    if (body !== null && method === 'get') throw new Error('it is a GET with a body');
    return {
      name,
      ...(text(o.summary) ? { title: text(o.summary)?.slice(0, 500) ?? '' } : {}),
      ...(text(o.description) ? { description: text(o.description)?.slice(0, 5000) ?? '' } : {}),
      kind:
        method === 'get'
          ? 'function'
          : method === 'post' && !this.#parameters.some((p) => p.collection)
            ? 'both'
            : 'action',
      parameters: this.#parameters,
      ...this.#answer(o),
      request: {
        method: method.toUpperCase() as 'GET',
        path: `${target}${query.length > 0 ? `?${query.join('&')}` : ''}`,
        ...(headers.length > 0 ? { headers } : {}),
        ...(body === null ? {} : { body, bodyFormat: 'json' as const }),
      },
    };
  }

  #note(message: string) {
    this.#notes.push({ place: this.#place, message });
  }

  #add(original: string, p: Json, required: boolean): string {
    // Swagger 2 writes the schema of a parameter beside its name.
    const schema = this.#refs.json(p.schema ?? p);
    const items = schema.type === 'array' ? this.#refs.json(schema.items) : schema;
    const about = named(this.#identifiers, original, `${p.in ?? 'body'} ${original}`);
    if (about.title) this.#note(`${original} is called ${about.name}.`);
    const values = list(items.enum)
      .filter((v) => v !== null)
      .map(String);
    const pattern = text(items.pattern);
    const problem = pattern === undefined ? undefined : patternProblem(pattern);
    if (problem) this.#note(`The pattern of ${original} is left out: ${problem}.`);
    const sample = p.example ?? schema.example ?? (schema.type === 'array' ? undefined : items.example);
    const preset = schema.type === 'array' ? undefined : items.default;
    this.#parameters.push({
      ...about,
      type: edmOf(items),
      ...(schema.type === 'array' ? { collection: true } : {}),
      ...(required ? {} : preset === undefined ? { nullable: true } : { default: String(preset) }),
      ...(text(p.description ?? schema.description)
        ? { description: text(p.description ?? schema.description)?.slice(0, 2000) ?? '' }
        : {}),
      ...(values.length > 0 && values.length <= 1000 ? { values } : {}),
      ...(sample === undefined
        ? {}
        : {
            sample: (typeof sample === 'object' ? JSON.stringify(sample) : String(sample)).slice(0, 10_000),
          }),
      ...(pattern !== undefined && !problem && pattern.length <= 500 ? { pattern } : {}),
      ...(typeof items.maxLength === 'number' && items.maxLength >= 1
        ? { lengthMax: Math.floor(items.maxLength) }
        : {}),
    });
    return about.name;
  }

  /** The template of a JSON body: its fields become parameters, nested ones by their path. */
  #body(o: Json, parameters: readonly Json[]): string | null {
    const old = parameters.find((p) => p.in === 'body');
    if (old) return this.#template(old.schema, '', true, 0);
    const given = this.#refs.json(o.requestBody);
    if (Object.keys(given).length === 0) return null;
    const content = this.#refs.json(given.content);
    const type = Object.keys(content).find((t) => /[/+]json\b/i.test(t));
    if (!type)
      throw new Error(
        `its body is ${Object.keys(content).join(', ') || 'nothing'}, and only JSON is described`,
      );
    return this.#template(this.#refs.json(content[type]).schema, '', given.required !== false, 0);
  }

  #template(given: unknown, at: string, required: boolean, depth: number): string {
    const schema = this.#refs.json(given);
    if (depth > 6) throw new Error('its body is nested too deep');
    const properties = this.#refs.properties(schema);
    if (properties.length > 0) {
      const needed = list(schema.required);
      const parts = properties.map(
        ([name, p]) =>
          `${JSON.stringify(name)}: ${this.#template(p, at ? `${at}_${name}` : name, required && needed.includes(name), depth + 1)}`,
      );
      return `{${parts.join(', ')}}`;
    }
    const items = schema.type === 'array' ? this.#refs.json(schema.items) : undefined;
    if (items && (this.#refs.properties(items).length > 0 || items.type === 'array')) {
      this.#note(`${at || 'The body'} is a list of records: one is sent with each call.`);
      return `[${this.#template(items, at, required, depth + 1)}]`;
    }
    if (schema.type === 'object' || (schema.type === undefined && schema.enum === undefined && at === '')) {
      if (!required) return '{}';
      throw new Error('its body has no fields that are described');
    }
    return `{${this.#add(at || 'body', { ...schema, required }, required)}}`;
  }

  #answer(o: Json): Pick<ServiceOperation, 'columns' | 'collection' | 'response'> {
    const responses = this.#refs.json(o.responses);
    const good =
      Object.keys(responses).find((s) => /^2/.test(s)) ?? (responses.default ? 'default' : undefined);
    if (!good) throw new Error('it describes no answer');
    const response = this.#refs.json(responses[good]);
    const content = this.#refs.json(response.content);
    const type = Object.keys(content).find((t) => /[/+]json\b/i.test(t));
    const schema = this.#refs.json(
      response.schema ?? (type ? this.#refs.json(content[type]).schema : undefined),
    );
    if (Object.keys(schema).length === 0) {
      if (Object.keys(content).length > 0 && !type)
        throw new Error(`it answers ${Object.keys(content).join(', ')}, and only JSON is read`);
      this.#note('The answer is not described; its whole text is one column.');
    }
    const { path, row } = this.#rows(schema, '$', 0) ?? { path: undefined, row: schema };
    const identifiers = newIdentifiers();
    const columns = this.#columns(row, '', identifiers, 0);
    return {
      collection: path !== undefined,
      columns: columns.length > 0 ? columns : [{ name: 'value', type: edmOf(row), path: '$' }],
      response: { format: 'json', ...(path === undefined ? {} : { rows: path }) },
    };
  }

  /** Where the rows are: the answer itself, or the one list of records in it. */
  #rows(schema: Json, at: string, depth: number): { path: string; row: Json } | undefined {
    if (schema.type === 'array') return { path: `${at}[*]`, row: this.#refs.json(schema.items) };
    if (depth > 4) return undefined;
    const found = this.#refs
      .properties(schema)
      .flatMap(
        ([name, p]) => this.#rows(this.#refs.json(p), `${at}[${JSON.stringify(name)}]`, depth + 1) ?? [],
      )
      .filter((r) => this.#refs.properties(r.row).length > 0);
    if (found.length > 1) this.#note('The answer has several lists of records: all of it is one row.');
    return found.length === 1 ? found[0] : undefined;
  }

  #columns(row: Json, at: string, identifiers: Identifiers, depth: number): ServiceColumn[] {
    return this.#refs.properties(row).flatMap(([name, given]): ServiceColumn[] => {
      const p = this.#refs.json(given);
      const path = `${at || '$'}[${JSON.stringify(name)}]`;
      if (this.#refs.properties(p).length > 0 && depth < 3)
        return this.#columns(p, path, identifiers, depth + 1);
      const items = p.type === 'array' ? this.#refs.json(p.items) : undefined;
      const list = items !== undefined && this.#refs.properties(items).length === 0 && items.type !== 'array';
      const about = named(identifiers, name, path);
      if (about.title) this.#note(`The column ${name} is called ${about.name}.`);
      return [
        {
          ...about,
          type: items && !list ? 'Edm.String' : edmOf(list ? items : p),
          ...(list ? { collection: true } : {}),
          nullable: true,
          ...(text(p.description) ? { description: text(p.description)?.slice(0, 2000) ?? '' } : {}),
          ...(at ? { path } : {}),
        },
      ];
    });
  }
}

function urlOf(document: Json, refs: Refs): string | null {
  if (document.swagger !== undefined) {
    const host = text(document.host);
    return host
      ? `${list(document.schemes).includes('https') || list(document.schemes).length === 0 ? 'https' : 'http'}://${host}${text(document.basePath) ?? ''}`
      : null;
  }
  const server = refs.json(list(document.servers)[0]);
  const variables = refs.json(server.variables);
  const url = (text(server.url) ?? '').replace(/\{([^}]+)\}/g, (_, name: string) =>
    String(refs.json(variables[name]).default ?? ''),
  );
  return URL.canParse(url) ? url : null;
}

function authenticationOf(document: Json, refs: Refs): ServiceSection['authentication'] | undefined {
  const schemes = refs.json(document.securityDefinitions ?? refs.json(document.components).securitySchemes);
  for (const given of Object.values(schemes)) {
    const s = refs.json(given);
    if (s.type === 'apiKey' && s.in === 'header')
      return { scheme: 'header', headerName: text(s.name) ?? 'Authorization' };
    if (s.type === 'apiKey' && s.in === 'query')
      return { scheme: 'query', parameterName: text(s.name) ?? '' };
    if (s.type === 'basic' || (s.type === 'http' && s.scheme === 'basic')) return { scheme: 'basic' };
    if (s.type === 'oauth2' || (s.type === 'http' && s.scheme === 'bearer'))
      return { scheme: 'header', headerName: 'Authorization' };
  }
  return undefined;
}
