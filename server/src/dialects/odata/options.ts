import { refuse, shown } from './odata.failure.ts';

export const systemOptions = [
  '$count',
  '$filter',
  '$format',
  '$orderby',
  '$select',
  '$skip',
  '$skiptoken',
  '$top',
] as const;
export type SystemOption = (typeof systemOptions)[number];

/** Options of OData 4.0 and 4.01 that are known and not offered: the protocol wants 501 for these. */
const unsupported = new Set([
  '$apply',
  '$compute',
  '$deltatoken',
  '$expand',
  '$id',
  '$index',
  '$levels',
  '$schemaversion',
  '$search',
]);

export interface Options {
  readonly system: ReadonlyMap<SystemOption, string>;
  /** `@p=…`: by name with the sign. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Everything else: values of parameters, where the path names a function. */
  readonly custom: ReadonlyMap<string, string>;
}

/** Browsers and form encoders write a space as a plus, and more clients do that than send a bare plus. */
function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    refuse('odata.malformed_url', `The percent-encoding of ${what} is broken`, shown(text));
  }
}

const bare = new Map<string, string>([...systemOptions, ...unsupported].map((name) => [name.slice(1), name]));

/**
 * Reads the query. Names are decoded before anything is made of them: some clients send `%24filter`. Names without the sign, in any case, are
 * options only for a client that says that it speaks 4.01; for others they may be parameters of a function.
 */
export function readOptions(query: string, speaks401: boolean, parameters: ReadonlySet<string>): Options {
  const system = new Map<SystemOption, string>();
  const aliases = new Map<string, string>();
  const custom = new Map<string, string>();
  const once = <K>(map: Map<K, string>, name: K & string, value: string) => {
    if (map.has(name)) refuse('odata.malformed_option', `${name} is there twice`, name);
    map.set(name, value);
  };
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const given = decode(equals < 0 ? part : part.slice(0, equals), 'the name of an option').trim();
    const value = equals < 0 ? '' : decode(part.slice(equals + 1), `the option ${shown(given)}`);
    const lower = given.toLowerCase();
    const name = !speaks401
      ? given
      : lower.startsWith('$')
        ? lower
        : parameters.has(given)
          ? given
          : (bare.get(lower) ?? given);
    if (name.startsWith('@')) {
      if (!/^@[A-Za-z_]\w{0,127}$/.test(name))
        refuse('odata.malformed_option', `${shown(name)} is no name of an alias`, shown(name));
      once(aliases, name, value);
    } else if (!name.startsWith('$')) once(custom, name, value);
    else if (unsupported.has(name)) refuse('odata.not_supported', `${name} is not supported here`, name);
    else if ((systemOptions as readonly string[]).includes(name)) once(system, name as SystemOption, value);
    else
      refuse(
        'odata.unknown_option',
        `There is no option ${shown(name)}; there are ${systemOptions.join(', ')}`,
        shown(name),
      );
  }
  return { system, aliases, custom };
}

export function wholeNumber(options: Options, name: '$top' | '$skip'): number | undefined {
  const text = options.system.get(name)?.trim();
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  if (value === undefined)
    refuse('odata.malformed_option', `${name} is a whole number from 0, not "${shown(text)}"`, name);
  return value;
}

export function truth(options: Options, name: '$count'): boolean {
  const text = options.system.get(name)?.trim();
  if (text !== undefined && text !== 'true' && text !== 'false')
    refuse('odata.malformed_option', `${name} is true or false, not "${shown(text)}"`, name);
  return text === 'true';
}
