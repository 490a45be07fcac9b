import { fail } from '../../platform/errors.ts';
import type { Location } from './files.ts';

/** Reads a location; refuses what is none, and where it points into another account. */
export function locationOf(accountId: string, uri: string): Location {
  const [, scheme, authority = '', path = ''] = /^([a-z0-9]+):\/\/([^/]*)(?:\/(.*))?$/su.exec(uri) ?? [];
  if (scheme !== 'souk' && scheme !== 's3')
    return fail('location.invalid', { uri, problem: 'it begins with neither souk:// nor s3://.' });
  const problem = scheme === 'souk' ? soukProblem(authority, path) : s3Problem(authority, path);
  if (problem) fail('location.invalid', { uri, problem });
  if (scheme === 'souk' && authority !== accountId) fail('location.foreign', { uri, accountId });
  return { scheme, authority, path };
}

const soukProblem = (account: string, path: string) =>
  /^\d{12}$/.test(account) ? pathProblem(path) : 'after souk:// comes an account id of 12 digits.';

function pathProblem(path: string): string | undefined {
  if (path.length > 1024) return 'the path is longer than 1024 characters.';
  // A prefix may end with a slash; nothing else may be empty.
  const parts = path.replace(/\/$/, '').split('/');
  if (path !== '' && parts.some((p) => p === '' || p === '.' || p === '..'))
    return 'no part of the path may be empty, "." or "..".';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  return /[\u0000-\u001f\u007f]/.test(path) ? 'the path has a control character.' : undefined;
}

const s3Problem = (bucket: string, key: string) =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)
    ? key.length > 1024
      ? 'the key is longer than 1024 characters.'
      : undefined
    : 'after s3:// comes the name of a bucket: small letters, digits, dots and hyphens.';

export const uriOf = (l: Location): string => `${l.scheme}://${l.authority}/${l.path}`;

const types: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  jsonl: 'application/jsonlines',
  txt: 'text/plain',
  gz: 'application/gzip',
  parquet: 'application/vnd.apache.parquet',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
};
/** By its name; only shown, never acted upon. */
export const contentTypeOf = (path: string): string =>
  types[/\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream';
