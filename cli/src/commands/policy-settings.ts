import { Policies } from '@souk/contract';
import Value from 'typebox/value';
import { misuse } from '../failure.ts';

/** `review.model-package=required` put into the policies; a name or value that they do not have is refused here. */
export function changedPolicies(now: Policies, settings: readonly string[]): Policies {
  const changed = structuredClone(now) as unknown as Record<string, unknown>;
  for (const setting of settings) {
    const at = setting.indexOf('=');
    const name = setting.slice(0, at);
    const [head = '', tail, ...more] = name.split('.');
    const parent = tail === undefined ? changed : changed[head];
    const key = tail ?? head;
    if (
      at < 1 ||
      more.length > 0 ||
      typeof parent !== 'object' ||
      parent === null ||
      !Object.hasOwn(parent, key)
    )
      throw misuse(
        `There is no policy ${setting}.`,
        `Write name=value; names are ${namesOf(now).join(', ')}.`,
      );
    const fields = parent as Record<string, unknown>;
    const text = setting.slice(at + 1);
    if (Array.isArray(fields[key])) fields[key] = text === 'none' ? [] : text.split(',').map((t) => t.trim());
    else if (typeof fields[key] === 'object')
      throw misuse(`${name} has parts.`, `Name one: ${namesOf(now).join(', ')}.`);
    else fields[key] = typeof fields[key] === 'number' ? Number(text) : text;
    if (!Value.Check(Policies, changed)) throw misuse(`${name} cannot be ${text}.`, allowedFor(name));
  }
  return changed as unknown as Policies;
}

const namesOf = (p: Policies): string[] =>
  Object.entries(p).flatMap(([name, value]) =>
    typeof value === 'object' ? Object.keys(value).map((part) => `${name}.${part}`) : [name],
  );

function allowedFor(name: string): string {
  let schema: unknown = Policies;
  for (const step of name.split('.'))
    schema = (schema as { properties?: Record<string, unknown> } | undefined)?.properties?.[step];
  const {
    enum: words,
    minimum,
    maximum,
    items,
  } = (schema ?? {}) as {
    enum?: readonly string[];
    minimum?: number;
    maximum?: number;
    items?: { readonly description?: string };
  };
  if (items) return `It is none, or a list with commas: ${items.description ?? 'of words'}.`;
  return words ? `It is one of ${words.join(', ')}.` : `It is a whole number from ${minimum} to ${maximum}.`;
}
