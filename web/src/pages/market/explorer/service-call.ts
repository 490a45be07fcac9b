import type { PublicOperation, ServiceParameter } from '@souk/contract/services';
import { argumentsIn, nameIn } from './service-sample.ts';

/** What stands in the fields of the form, by parameter; an empty field is a value that is left out. */
export type Entered = Readonly<Record<string, string>>;

/** Options of OData that the form offers for operations that answer many rows. */
export interface Options {
  readonly filter?: string;
  readonly orderby?: string;
  readonly select?: string;
  readonly top?: string;
}

export interface ServiceCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body: string | null;
}

export interface Problem {
  readonly parameter: string;
  readonly message: string;
}

/** A length that spreadsheets, proxies and browsers all take; longer values go into a body where the operation has one. */
const urlLengthMax = 2000;

const integer = /^-?\d{1,19}$/;
const decimal = /^-?\d+(?:\.\d+)?$/;
const float = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;
const forms: Record<ServiceParameter['type'], { form: RegExp | null; like: string }> = {
  'Edm.String': { form: null, like: 'text' },
  'Edm.Boolean': { form: /^(?:true|false)$/, like: 'true or false' },
  'Edm.Int16': { form: integer, like: 'a whole number' },
  'Edm.Int32': { form: integer, like: 'a whole number' },
  'Edm.Int64': { form: integer, like: 'a whole number' },
  'Edm.Single': { form: float, like: 'a number like 1.5' },
  'Edm.Double': { form: float, like: 'a number like 1.5' },
  'Edm.Decimal': { form: decimal, like: 'a number like 1.50' },
  'Edm.Date': { form: /^\d{4}-\d{2}-\d{2}$/, like: 'a date like 2026-01-31' },
  'Edm.DateTimeOffset': {
    form: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?(?:Z|[+-]\d{2}:\d{2})$/,
    like: 'a time like 2026-01-31T12:00:00Z',
  },
  'Edm.Guid': { form: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, like: 'a GUID' },
};
const quotedInJson = new Set(['Edm.String', 'Edm.Date', 'Edm.DateTimeOffset', 'Edm.Guid']);

export const likeOf = (p: ServiceParameter) =>
  p.collection ? `one value in each line, ${forms[p.type].like}` : forms[p.type].like;

export const isRequired = (p: ServiceParameter) => p.default === undefined && p.nullable !== true;

const linesOf = (text: string) => text.split('\n').filter((line) => line.trim() !== '');
const trimmed = (p: ServiceParameter, text: string) => (p.type === 'Edm.String' ? text : text.trim());

function problemOf(p: ServiceParameter, text: string): string | undefined {
  const { form, like } = forms[p.type];
  const wrong = (p.collection ? linesOf(text) : [text]).find((one) => form && !form.test(trimmed(p, one)));
  return wrong === undefined ? undefined : `“${wrong.slice(0, 40)}” is not ${like}.`;
}

export function problemsOf(operation: PublicOperation, entered: Entered): Problem[] {
  return operation.parameters.flatMap((p): Problem[] => {
    const text = entered[p.name] ?? '';
    if (text === '')
      return isRequired(p) && !p.collection ? [{ parameter: p.name, message: 'A value is needed.' }] : [];
    const message = problemOf(p, text);
    return message ? [{ parameter: p.name, message }] : [];
  });
}

/** Numbers are written as they were typed: no digit gets lost on the way. */
const jsonNumber = (text: string) => text.replace(/^(-?)0+(?=\d)/, '$1');
const jsonOne = (p: ServiceParameter, text: string) =>
  quotedInJson.has(p.type) ? JSON.stringify(trimmed(p, text)) : jsonNumber(trimmed(p, text));
const jsonOf = (p: ServiceParameter, text: string) =>
  p.collection
    ? `[${linesOf(text)
        .map((one) => jsonOne(p, one))
        .join(',')}]`
    : jsonOne(p, text);

const literalOf = (p: ServiceParameter, text: string) =>
  p.type === 'Edm.String' ? `'${text.replaceAll("'", "''")}'` : trimmed(p, text);

/** As people read addresses: what need not be encoded is not. */
const encode = (text: string) =>
  encodeURIComponent(text).replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%40', '@');

function optionsOf({ filter, orderby, select, top }: Options): string[] {
  const given = { $filter: filter, $orderby: orderby, $select: select, $top: top };
  return Object.entries(given).flatMap(([name, value]) =>
    value?.trim() ? [`${name}=${encode(value.trim())}`] : [],
  );
}

/** The call that the form means. `root` is the address of the service without a slash at its end. */
export function callOf(
  root: string,
  operation: PublicOperation,
  entered: Entered,
  options: Options,
): ServiceCall {
  const given = operation.parameters.flatMap((p) => {
    const text = entered[p.name] ?? '';
    // An empty list is a value; an empty field of anything else is none.
    return text === '' && !(p.collection && isRequired(p)) ? [] : [{ p, text }];
  });
  const query = operation.collection ? optionsOf(options) : [];
  const withQuery = (path: string, parts: readonly string[]) =>
    `${root}/${path}${parts.length ? `?${parts.join('&')}` : ''}`;
  const post = (): ServiceCall => ({
    method: 'POST',
    url: withQuery(operation.name, query),
    body: `{${given.map(({ p, text }) => `${JSON.stringify(p.name)}:${jsonOf(p, text)}`).join(',')}}`,
  });
  if (operation.kind === 'action') return post();
  const inPath = given.map(({ p, text }) =>
    p.collection ? `${p.name}=@${p.name}` : `${p.name}=${encode(literalOf(p, text))}`,
  );
  const aliases = given.flatMap(({ p, text }) =>
    p.collection ? [`@${p.name}=${encode(jsonOf(p, text))}`] : [],
  );
  const path = operation.parameters.length ? `${operation.name}(${inPath.join(',')})` : operation.name;
  const url = withQuery(path, [...aliases, ...query]);
  return url.length > urlLengthMax && operation.kind === 'both' ? post() : { method: 'GET', url, body: null };
}

/** What the form begins with: the publisher's sample call, the samples of the parameters, their defaults. */
export function firstValues(
  operation: PublicOperation,
  sample: { readonly operation: string; readonly arguments?: Readonly<Record<string, unknown>> } | null,
): Entered {
  const called =
    sample && nameIn(sample.operation) === operation.name
      ? { ...argumentsIn(sample.operation), ...sample.arguments }
      : undefined;
  const textOf = (value: unknown): string =>
    typeof value === 'string'
      ? value
      : Array.isArray(value)
        ? value.map(textOf).join('\n')
        : value === null || value === undefined
          ? ''
          : String(value);
  return Object.fromEntries(
    operation.parameters.map((p) => [p.name, textOf(called?.[p.name] ?? p.sample ?? p.default)]),
  );
}
