import { refuse, shown } from './odata.failure.ts';

export interface Format {
  readonly kind: 'json' | 'xml';
  readonly metadata: 'none' | 'minimal' | 'full';
  /** Int64 and Decimal as text, for clients whose numbers have 53 bits. */
  readonly digits: boolean;
  readonly streaming: boolean;
  /** Said back only to those who said it. */
  readonly charset: boolean;
}

interface Range {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

const rangesMax = 50;

function rangesOf(header: string): Range[] {
  return header
    .split(',', rangesMax)
    .flatMap((part) => {
      const [type = '', ...given] = part.split(';').map((piece) => piece.trim());
      if (!type) return [];
      const parameters = new Map<string, string>();
      let quality = 1;
      for (const piece of given) {
        const equals = piece.indexOf('=');
        if (equals < 0) continue;
        const name = piece.slice(0, equals).trim().toLowerCase();
        const value = piece
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1');
        if (name === 'q') quality = Number(value);
        // In 4.01 the prefix may be left out.
        else parameters.set(name.replace(/^odata\./, ''), value.toLowerCase());
      }
      return [{ type: type.toLowerCase(), parameters, quality: quality >= 0 && quality <= 1 ? quality : 0 }];
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
}

/** The JSON that a range asks for; undefined where there is none. `odata=…` is the parameter of version 3, whose JSON is another. */
function jsonOf({ type, parameters }: Range): Format | undefined {
  if (!['application/json', 'application/*', '*/*'].includes(type)) return undefined;
  const metadata = parameters.get('metadata') ?? 'minimal';
  const digits = parameters.get('ieee754compatible') ?? 'false';
  const streaming = parameters.get('streaming') ?? 'false';
  const charset = parameters.get('charset') ?? 'utf-8';
  if (!['none', 'minimal', 'full'].includes(metadata) || parameters.has('odata')) return undefined;
  if (!['true', 'false'].includes(digits) || !['true', 'false'].includes(streaming) || charset !== 'utf-8')
    return undefined;
  return {
    kind: 'json',
    metadata: metadata as Format['metadata'],
    digits: digits === 'true',
    streaming: streaming === 'true',
    charset: parameters.has('charset'),
  };
}

export const plainJson: Format = {
  kind: 'json',
  metadata: 'minimal',
  digits: false,
  streaming: false,
  charset: false,
};
const xml: Format = { ...plainJson, kind: 'xml' };

const xmlTypes = new Set(['application/xml', 'text/xml', 'application/*', '*/*', 'text/*']);

/**
 * What the answer is written as. `$format` stands above Accept. Metadata is XML for all who accept it, whatever they like better: clients
 * that send the same Accept for everything give up on JSON ("a supported MIME type could not be found").
 */
export function negotiate(
  accept: string | null,
  format: string | undefined,
  resource: 'data' | 'metadata',
): Format {
  const plain = resource === 'metadata' ? xml : plainJson;
  if (format === undefined && (accept === null || accept.trim() === '')) return plain;
  const short: Record<string, string> = { json: 'application/json', xml: 'application/xml' };
  const wanted = format === undefined ? (accept ?? '') : (short[format.trim().toLowerCase()] ?? format);
  const ranges = rangesOf(wanted);
  if (resource === 'metadata' && ranges.some(({ type }) => xmlTypes.has(type))) return xml;
  for (const range of ranges) {
    const json = jsonOf(range);
    if (json) return json;
  }
  if (format !== undefined)
    refuse('odata.format_not_supported', `There is no format ${shown(format)}; there is json`, '$format');
  refuse(
    'odata.not_acceptable',
    `Nothing of ${shown(wanted)} can be given; there is application/json${resource === 'metadata' ? ' and application/xml' : ''}`,
    'Accept',
  );
}

export function contentType(format: Format): string {
  if (format.kind === 'xml') return 'application/xml';
  return `application/json;odata.metadata=${format.metadata}${format.digits ? ';IEEE754Compatible=true' : ''}${
    format.streaming ? ';odata.streaming=true' : ''
  }${format.charset ? ';charset=utf-8' : ''}`;
}

/** A version header; none sent means the stable version, 4.0. Most clients send none. */
export function readVersion(
  headers: Headers,
  name: 'OData-Version' | 'OData-MaxVersion',
): number | undefined {
  const text = headers.get(name)?.trim();
  if (!text) return undefined;
  const version = /^\d{1,2}\.\d{1,2}$/.test(text) ? Number(text) : undefined;
  if (version === undefined || version < 4)
    refuse('odata.version', `${name} is ${shown(text)}; this service speaks OData 4.0`, name);
  if (name === 'OData-Version' && version > 4.01)
    refuse('odata.version', `${name} is ${shown(text)}; bodies of 4.0 and 4.01 are understood`, name);
  return version;
}

/** `Prefer: odata.maxpagesize=50`, with or without the prefix. What cannot be met is passed over: preferences are wishes. */
export function preferredPageSize(headers: Headers): number | undefined {
  for (const part of (headers.get('Prefer') ?? '').split(/[,;]/, rangesMax)) {
    const found = /^\s*(?:odata\.)?maxpagesize\s*=\s*"?(\d{1,9})"?\s*$/i.exec(part);
    if (found && Number(found[1]) > 0) return Number(found[1]);
  }
  return undefined;
}
