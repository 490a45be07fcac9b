import {
  type EdmType,
  edmTypes,
  pathProblem,
  patternProblem,
  placeholdersOf,
  type ServiceColumn,
  type ServiceImport,
  type ServiceOperation,
  type ServiceParameter,
} from '@souk/contract';
import type { Element } from '@xmldom/xmldom';
import { type Identifiers, named, newIdentifiers } from './services.identifiers.ts';
import type { Note } from './services.import.ts';
import { parseXml } from './services.xml.ts';

/**
 * The CSDL mapping of the vendor's data services: FunctionImport with its extensions of the Dallas namespace. The vendor's own samples
 * write `name` for `Name` and `d:enum` for `d:Enum`, so names are read in any case; their curly quotes are mended, with a note.
 */
export function readMapping(given: string): ServiceImport {
  const notes: Note[] = [];
  const mended = given
    .replace(/[“”„]/g, '"')
    .replace(/<!\s*[—–]/g, '<!--')
    .replace(/[—–]>/g, '-->');
  if (mended !== given)
    notes.push({ place: '', message: 'Curly quotes and long dashes were read as plain ones.' });
  const root = parseXml(mended).documentElement;
  const imports = root ? all(root, 'FunctionImport') : [];
  if (!root || imports.length === 0) throw new Error('it has no FunctionImport, so nothing could be called');
  const types = new Map(all(root, 'EntityType').map((e) => [(attribute(e, 'Name') ?? '').toLowerCase(), e]));
  const identifiers = newIdentifiers();
  const operations: ServiceOperation[] = [];
  let origin: string | undefined;
  for (const f of imports) {
    const original = attribute(f, 'Name') ?? '';
    const say = (message: string) => notes.push({ place: original, message });
    try {
      const uri = attribute(f, 'BaseUri');
      if (!uri) throw new Error('it has no d:BaseUri');
      const [, its = '', path = ''] = /^(https?:\/\/[^/?{]+)\/?(.*)$/is.exec(uri.trim()) ?? [];
      if (!its) throw new Error('its d:BaseUri does not begin with a host');
      origin ??= its;
      if (its !== origin)
        throw new Error(`it is at ${its}, the operations before at ${origin}; a product has one service URL`);
      operations.push(operationOf(f, original, identifiers(original), path, types, say));
    } catch (error) {
      say(`Left out: ${(error as Error).message}.`);
    }
  }
  return { format: 'csdl-mapping', title: '', url: origin ?? null, operations, notes };
}

function operationOf(
  f: Element,
  original: string,
  name: string,
  path: string,
  types: ReadonlyMap<string, Element>,
  say: (message: string) => void,
): ServiceOperation {
  const returns = attribute(f, 'ReturnType') ?? '';
  if (/^Raw\(/i.test(returns)) throw new Error(`it answers ${returns}, which has no rows`);
  const [, list, single] = /^(?:Collection\(\s*([^)]+?)\s*\)|(.+))$/i.exec(returns.trim()) ?? [];
  const typeName = (list ?? single ?? '').split('.').at(-1) ?? '';
  const type = types.get(typeName.toLowerCase());
  if (!type) throw new Error(`the type of its answer (${returns || 'none'}) is not described`);
  const parameterNames = newIdentifiers();
  const inPath = (n: string) => path.split('?')[0]?.toLowerCase().includes(`{${n.toLowerCase()}}`) ?? false;
  const parameters = all(f, 'Parameter').map((p) => parameterOf(p, parameterNames, inPath, say));
  const known = new Map(
    all(f, 'Parameter').map((p, i) => [
      (attribute(p, 'Name') ?? '').toLowerCase(),
      parameters[i]?.name ?? '',
    ]),
  );
  const filled = (template: string) =>
    template.replace(/\{([^{}\s"]+)\}/g, (whole, n: string) => {
      if (n.startsWith('$')) return whole.toLowerCase();
      const found = known.get(n.toLowerCase());
      if (found === undefined && placeholdersOf(whole).length > 0) say(`${whole} is no parameter.`);
      return found === undefined ? whole : `{${found}}`;
    });
  const allowed = (attribute(f, 'AllowedHttpMethods') ?? '')
    .toUpperCase()
    .split(/[\s|,;]+/)
    .filter(Boolean);
  const [method = 'GET'] = allowed;
  if (!/^(GET|POST|PUT|DELETE)$/.test(method)) throw new Error(`it is asked with ${method}`);
  if (allowed.length === 0) say('d:AllowedHttpMethods is missing; GET is taken.');
  const bodies = all(f, 'RequestBody');
  const body = (
    bodies.find((b) => (attribute(b, 'httpMethod') ?? method).toUpperCase() === method) ?? bodies[0]
  )?.textContent?.trim();
  const headers = all(f, 'Header').map((h) => ({
    name: attribute(h, 'Name') ?? '',
    value: filled(attribute(h, 'Value') ?? ''),
  }));
  const namespaces = all(f, 'Namespace').map((n) => ({
    prefix: attribute(n, 'Prefix') ?? '',
    uri: attribute(n, 'Uri') ?? '',
  }));
  const errors = all(f, 'Condition').flatMap((c) => {
    const match = attribute(c, 'Match') ?? '';
    const problem = pathProblem('xml', match);
    if (problem) say(`The condition ${match.slice(0, 100)} is left out: ${problem}.`);
    const status = Number(attribute(c, 'HttpStatusCode') ?? 500);
    return problem
      ? []
      : [
          {
            match,
            status: status >= 400 && status <= 599 ? status : 500,
            message: attribute(c, 'ErrorMessage') ?? '',
          },
        ];
  });
  const encode = attribute(f, 'EncodeParameterValues');
  const paging = pagingOf(f, say);
  const description = textOf(all(f, 'Description')[0]);
  return {
    name,
    ...(name === original ? {} : { title: original }),
    ...(description ? { description } : {}),
    kind: method === 'GET' ? 'function' : 'both',
    parameters,
    columns: columnsOf(type, types, say),
    collection: list !== undefined,
    request: {
      method: method as 'GET',
      path: filled(path),
      ...(headers.length > 0 ? { headers } : {}),
      ...(body && method !== 'GET' ? { body: filled(body), bodyFormat: 'xml' as const } : {}),
      ...(encode?.toLowerCase() === 'false' ? { encodeParameterValues: false } : {}),
    },
    response: {
      format: 'xml',
      ...rowsOf(type, say),
      ...(namespaces.length > 0 ? { namespaces } : {}),
      ...(errors.length > 0 ? { errors } : {}),
    },
    ...(paging ? { paging } : {}),
  };
}

function rowsOf(type: Element, say: (message: string) => void): { rows?: string } {
  const map = attribute(type, 'Map');
  if (!map) return {};
  const problem = pathProblem('xml', map);
  if (problem) say(`The place of the rows, ${map.slice(0, 100)}, cannot be used: ${problem}.`);
  return { rows: map };
}

function parameterOf(
  p: Element,
  identifiers: Identifiers,
  inPath: (name: string) => boolean,
  say: (message: string) => void,
): ServiceParameter {
  const original = attribute(p, 'Name') ?? '';
  const about = named(identifiers, original);
  if (about.title) say(`${original} is called ${about.name}.`);
  const values = split(attribute(p, 'Enum'));
  const [sample] = split(attribute(p, 'SampleValues'));
  const pattern = attribute(p, 'Regex');
  const problem = pattern ? patternProblem(pattern) : undefined;
  if (problem) say(`The pattern of ${original} is left out: ${problem}.`);
  const optional = attribute(p, 'Nullable')?.toLowerCase() !== 'false' && !inPath(original);
  const lengthMax = Number(attribute(p, 'MaxLength'));
  const description = attribute(p, 'Description') ?? textOf(all(p, 'Description')[0]);
  return {
    ...about,
    type: edm(attribute(p, 'Type')),
    ...(optional ? { nullable: true } : {}),
    ...(description ? { description } : {}),
    ...(values.length > 0 ? { values: values.slice(0, 1000) } : {}),
    ...(sample ? { sample } : {}),
    ...(pattern && !problem ? { pattern } : {}),
    ...(Number.isInteger(lengthMax) && lengthMax > 0 ? { lengthMax } : {}),
  };
}

function columnsOf(
  type: Element,
  types: ReadonlyMap<string, Element>,
  say: (message: string) => void,
): ServiceColumn[] {
  const identifiers = newIdentifiers();
  const lineage: Element[] = [];
  for (let t: Element | undefined = type; t && !lineage.includes(t); ) {
    lineage.unshift(t);
    t = types.get((attribute(t, 'BaseType') ?? '').split('.').at(-1)?.toLowerCase() ?? '');
  }
  return lineage
    .flatMap((t) => all(t, 'Property'))
    .map((p) => {
      const original = attribute(p, 'Name') ?? '';
      const about = named(identifiers, original);
      if (about.title) say(`The column ${original} is called ${about.name}.`);
      const path = attribute(p, 'Map')?.replace(/^\.\//, '');
      const problem = path ? pathProblem('xml', path) : undefined;
      if (problem) say(`The place of the column ${original} is left out: ${problem}.`);
      return {
        ...about,
        type: edm(attribute(p, 'Type')),
        nullable: attribute(p, 'Nullable')?.toLowerCase() !== 'false',
        ...(path && !problem ? { path } : {}),
        ...(attribute(p, 'IsPrimaryKey')?.toLowerCase() === 'true' ? { key: true } : {}),
      };
    });
}

function pagingOf(f: Element, say: (message: string) => void): ServiceOperation['paging'] | undefined {
  const said = (attribute(f, 'Paging') ?? 'none').toLowerCase();
  if (said === 'none') return undefined;
  const sizeMax = Number(attribute(f, 'MaxPageSize') ?? 100);
  if (!Number.isInteger(sizeMax) || sizeMax < 1 || sizeMax > 10_000) {
    say('d:MaxPageSize is no whole number up to 10000; 100 is taken.');
    return { kind: /page|size/.test(said) ? 'page-size' : 'skip-take', sizeMax: 100 };
  }
  return { kind: /page|size/.test(said) ? 'page-size' : 'skip-take', sizeMax };
}

const split = (value: string | undefined) =>
  (value ?? '')
    .split('|')
    .map((v) => v.trim())
    .filter(Boolean);
const textOf = (e: Element | undefined) => e?.textContent?.trim() || undefined;

const old: Readonly<Record<string, EdmType>> = {
  byte: 'Edm.Int16',
  sbyte: 'Edm.Int16',
  datetime: 'Edm.DateTimeOffset',
  null: 'Edm.String',
};
function edm(given: string | undefined): EdmType {
  const name = (given ?? 'String').replace(/^Edm\./i, '').toLowerCase();
  return edmTypes.find((t) => t.slice(4).toLowerCase() === name) ?? old[name] ?? 'Edm.String';
}

/** By local name, in any case: prefixes differ, and so do the vendor's own samples. */
function attribute(e: Element, name: string): string | undefined {
  for (const a of Array.from(e.attributes))
    if ((a.localName ?? a.name).toLowerCase() === name.toLowerCase()) return a.value;
  return undefined;
}

function all(e: Element, name: string): Element[] {
  const found: Element[] = [];
  const walk = (at: Element) => {
    for (let child = at.firstChild; child; child = child.nextSibling)
      if (child.nodeType === 1) {
        const element = child as Element;
        if ((element.localName ?? '').toLowerCase() === name.toLowerCase()) found.push(element);
        walk(element);
      }
  };
  walk(e);
  return found;
}
