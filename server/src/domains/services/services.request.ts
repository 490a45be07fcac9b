import {
  placeholder,
  placeholdersOf,
  ServiceFailure,
  type ServiceOperation,
  type ServiceSection,
} from '@souk/contract';
import type { Scalar, Value } from './services.arguments.ts';

export interface BuiltRequest {
  readonly url: string;
  readonly method: ServiceOperation['request']['method'];
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

type Values = ReadonlyMap<string, Value>;

const accepted = { json: 'application/json', xml: 'application/xml, text/xml', csv: 'text/csv' } as const;
const bodyTypes = { json: 'application/json', xml: 'application/xml', text: 'text/plain' } as const;

/** The call as the service wants it: the template with the values in it. Buyers’ values never reach beyond the place they were put in. */
export function buildRequest(
  service: ServiceSection,
  operation: ServiceOperation,
  values: Values,
): BuiltRequest {
  const { method, headers = [], body, bodyFormat = 'json' } = operation.request;
  const built: Record<string, string> = { accept: accepted[operation.response.format] };
  for (const { name, value } of headers) {
    const text = filled(value, values, headerText);
    if (text !== undefined) built[name.toLowerCase()] = text;
  }
  const written = body
    ? { json: jsonBody, xml: xmlBody, text: textBody }[bodyFormat](body, values)
    : undefined;
  if (written !== undefined) built['content-type'] ??= bodyTypes[bodyFormat];
  return { url: urlOf(service.url ?? '', operation, values), method, headers: built, body: written };
}

/** Adds what the publisher gave to sign in with. */
export function signedIn(
  request: BuiltRequest,
  { authentication: a }: ServiceSection,
  credential: string | null,
): BuiltRequest {
  if (!a || a.scheme === 'none' || credential === null) return request;
  if (a.scheme === 'query') {
    const url = new URL(request.url);
    url.search += `${url.search ? '&' : '?'}${encodeURIComponent(a.parameterName ?? '')}=${encodeURIComponent(credential)}`;
    return { ...request, url: url.href };
  }
  const [name, value] =
    a.scheme === 'header'
      ? [(a.headerName ?? 'authorization').toLowerCase(), credential]
      : ['authorization', `Basic ${Buffer.from(`${a.userName ?? ''}:${credential}`).toString('base64')}`];
  return { ...request, headers: { ...request.headers, [name]: value } };
}

function urlOf(root: string, { request }: ServiceOperation, values: Values): string {
  const encode = request.encodeParameterValues === false ? keptEncoding : encodeURIComponent;
  const [path = '', query] = split(request.path);
  const filledPath = path
    .replace(/^\/+/, '')
    .split('/')
    .map((segment) => {
      const written = filled(segment, values, encode);
      if (written === undefined) throw missingInPath(segment);
      // "." and ".." would lead out of the path, in whatever way they are written.
      if (segment.includes('{') && /^(\.|%2e){1,2}$/i.test(written)) throw leavesPath();
      return written;
    })
    .join('/');
  const pairs = query?.split('&').flatMap((pair) => filled(pair, values, encode) ?? []) ?? [];
  const base = new URL(root);
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/${filledPath}`;
  if (filledPath === '') base.pathname = new URL(root).pathname;
  base.search = pairs.length > 0 ? `?${pairs.join('&')}` : '';
  if (base.origin !== new URL(root).origin) throw leavesPath();
  return base.href;
}

const split = (path: string): [string, string | undefined] => {
  const at = path.indexOf('?');
  return at < 0 ? [path, undefined] : [path.slice(0, at), path.slice(at + 1)];
};

/** Values that the publisher says are encoded already: what would begin another part of the address is encoded all the same. */
const keptEncoding = (text: string) =>
  text.replace(/%(?![0-9a-f]{2})|%2f|%5c|[^A-Za-z0-9\-._~!$'()*,;:@%]/gi, (c) =>
    c.length > 1 && c.startsWith('%') ? `%25${c.slice(1)}` : encodeURIComponent(c),
  );

/** A text with its placeholders filled; undefined where one of them has no value: then the whole part is left out. */
function filled(template: string, values: Values, write: (text: string) => string): string | undefined {
  let absent = false;
  const text = template.replace(placeholder, (whole, name: string) => {
    const value = values.get(name);
    if (value === undefined) return whole;
    if (value === null) absent = true;
    return value === null ? '' : write(flat(value));
  });
  return absent ? undefined : text;
}

const isList = (value: Scalar | readonly Scalar[]): value is readonly Scalar[] => Array.isArray(value);
const flat = (value: Scalar | readonly Scalar[]) =>
  isList(value) ? value.map((v) => v.text).join(',') : value.text;

function headerText(text: string): string {
  if (!/^[\t\x20-\x7e]*$/.test(text) || text.length > 8192)
    throw new ServiceFailure({
      status: 400,
      code: 'service.value_in_header',
      message: 'A value is sent in a header, and can only be one line of plain text.',
    });
  return text;
}

/** Inside quotes a placeholder is the inside of a JSON string; outside it is a JSON value. */
function jsonBody(template: string, values: Values): string {
  let inString = false;
  let written = '';
  for (let at = 0; at < template.length; ) {
    const c = template.charAt(at);
    if (c === '{') {
      const name = /^\{(\$?[A-Za-z_][A-Za-z0-9_]*)\}/.exec(template.slice(at, at + 140));
      const value = name && values.get(name[1] ?? '');
      if (name && value !== undefined) {
        written += inString
          ? JSON.stringify(value === null ? '' : flat(value)).slice(1, -1)
          : jsonValue(value);
        at += name[0].length;
        continue;
      }
    }
    if (c === '\\' && inString) {
      written += template.slice(at, at + 2);
      at += 2;
      continue;
    }
    if (c === '"') inString = !inString;
    written += c;
    at++;
  }
  return written;
}

const jsonValue = (value: Value): string => {
  if (value === null) return 'null';
  if (isList(value)) return `[${value.map((v) => jsonValue(v)).join(',')}]`;
  return value.quoted ? JSON.stringify(value.text) : value.text;
};

const xmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
function xmlBody(template: string, values: Values): string {
  const absentAsEmpty = new Map([...values].map(([k, v]) => [k, v ?? { text: '', quoted: true }] as const));
  return (
    filled(template, absentAsEmpty, (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to write them.
      if (/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text))
        throw new ServiceFailure({
          status: 400,
          code: 'service.value_in_xml',
          message: 'A value has a control character, which the service cannot be told.',
        });
      return text.replace(/[&<>"']/g, (c) => xmlEscapes[c] ?? c);
    }) ?? ''
  );
}

function textBody(template: string, values: Values): string {
  const absentAsEmpty = new Map([...values].map(([k, v]) => [k, v ?? { text: '', quoted: true }] as const));
  return filled(template, absentAsEmpty, (text) => text) ?? '';
}

const missingInPath = (segment: string) =>
  new ServiceFailure({
    status: 400,
    code: 'service.parameter_missing',
    target: placeholdersOf(segment)[0],
    message: 'What stands in the path of the call must be given.',
  });
const leavesPath = () =>
  new ServiceFailure({
    status: 400,
    code: 'service.value_in_path',
    message: 'A value cannot be part of the path: "." and ".." would lead elsewhere.',
  });
