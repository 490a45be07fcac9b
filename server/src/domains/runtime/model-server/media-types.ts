import { CallError } from './call-error.ts';

export type Format = 'json' | 'csv';

export interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const none: ReadonlyMap<string, string> = new Map();

export function parseMediaType(header: string): MediaType {
  if (!header.includes(';')) return { type: header.trim().toLowerCase(), parameters: none };
  const [type = '', ...rest] = header.split(';');
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const [name = '', value = ''] = parameter.split('=', 2);
    parameters.set(name.trim().toLowerCase(), value.trim().replaceAll('"', '').toLowerCase());
  }
  return { type: type.trim().toLowerCase(), parameters };
}

const formats: Readonly<Record<string, Format>> = { 'application/json': 'json', 'text/csv': 'csv' };
const supported = 'application/json and text/csv';

export interface InputFormat {
  readonly format: Format;
  readonly charset: string;
  readonly hasHeaderLine: boolean;
}

const plainJson: InputFormat = { format: 'json', charset: 'utf-8', hasHeaderLine: false };

export function inputFormat(contentType: string | null): InputFormat {
  if (contentType === 'application/json') return plainJson;
  const { type, parameters } = parseMediaType(contentType ?? '');
  const format = formats[type];
  if (format === undefined)
    throw new CallError(
      415,
      `${type === '' ? 'the Content-Type header is missing' : `Content-Type ${type} is not supported`}: send ${supported}`,
    );
  const charset = parameters.get('charset') ?? 'utf-8';
  return {
    format,
    charset: charset === 'utf8' || charset === 'us-ascii' ? 'utf-8' : charset,
    hasHeaderLine: parameters.get('header') === 'present',
  };
}

export interface OutputFormat {
  readonly format: Format;
  readonly hasHeaderLine: boolean;
}

/** What the caller would rather have; the input's own format when it does not say. */
export function outputFormat(accept: string | null, input: Format): OutputFormat {
  if (accept === null || accept === '' || accept === '*/*') return { format: input, hasHeaderLine: false };
  let best: (OutputFormat & { quality: number }) | undefined;
  for (const range of accept.split(',')) {
    const { type, parameters } = parseMediaType(range);
    const quality = Number(parameters.get('q') ?? '1');
    const format =
      type === '*/*' ? input : type === 'application/*' ? 'json' : type === 'text/*' ? 'csv' : formats[type];
    if (format === undefined || !(quality > 0) || (best !== undefined && quality <= best.quality)) continue;
    best = { format, hasHeaderLine: parameters.get('header') === 'present', quality };
  }
  if (best === undefined)
    throw new CallError(406, `nothing in Accept: ${accept} can be given: this server gives ${supported}`);
  return best;
}
