import { type Finding, finding } from '@souk/contract';
import type { TSchema } from 'typebox';
import { Settings } from 'typebox/system';
import Value from 'typebox/value';
import { ofWrittenKind, type Problem } from './alternatives.ts';
import { pointerTo } from './pointer-lines.ts';

Settings.Set({ maxErrors: 200 });

/** What in `value` is not of the schema's form, in words for the one who typed it. */
export function shapeFindings(schema: TSchema, value: unknown, at: string): Finding[] {
  const problems = ofWrittenKind(
    Value.Errors(schema, value) as readonly Problem[],
    (union) => Object.keys(schemaAt(schema, union) ?? {}).length,
  );
  const found = problems
    // Said by additionalProperties with the field's name, and by the alternatives themselves.
    .filter((p) => p.keyword !== 'boolean' && p.keyword !== 'anyOf' && !isOtherAlternative(p))
    .flatMap((p) => findingsOf(p, schema, at));
  return found.filter((f, i) => found.findIndex((g) => same(f, g)) === i);
}

/** Text that YAML read as a number or a truth value: these places are mended from the file's own words. */
export function textWantedAt(schema: TSchema, value: unknown, at: string): string[] {
  return (Value.Errors(schema, value) as readonly Problem[])
    .filter((p) => p.keyword === 'type' && p.params.type === 'string')
    .map((p) => at + p.instancePath);
}

// A nullable field that is wrong is also "not null"; that half helps nobody.
const isOtherAlternative = (p: Problem) => p.keyword === 'type' && p.params.type === 'null';
const same = (a: Finding, b: Finding) => a.pointer === b.pointer && a.message === b.message;

function findingsOf(p: Problem, schema: TSchema, at: string): Finding[] {
  const pointer = at + p.instancePath;
  const field = pointer.slice(pointer.lastIndexOf('/') + 1) || 'the file';
  const problem = (code: string, where: string, message: string, remedy: string) =>
    finding({
      rule: 'souk-yaml',
      code: `souk-yaml.${code}`,
      severity: 'error',
      pointer: where,
      message,
      remedy,
    });
  if (p.keyword === 'additionalProperties') {
    const known = Object.keys((schemaAt(schema, p.schemaPath)?.properties ?? {}) as object);
    return (p.params.additionalProperties as string[]).map((name) =>
      problem(
        'unknown_field',
        pointer + pointerTo(name),
        `There is no field ${name} here.`,
        nearest(name, known) ?? `Known are: ${known.join(', ')}.`,
      ),
    );
  }
  if (p.keyword === 'required')
    return (p.params.requiredProperties as string[]).map((name) =>
      problem('missing', pointer + pointerTo(name), `${name} is missing.`, `Add it.`),
    );
  if (p.keyword === 'enum') {
    const allowed = (p.params.allowedValues as unknown[]).map(String);
    return [
      problem(
        'value',
        pointer,
        `${field} has a value that is not known.`,
        `Write one of: ${allowed.join(', ')}.`,
      ),
    ];
  }
  if (p.keyword === 'const')
    return [
      problem('value', pointer, `${field} has a value that is not known.`, `Write ${p.params.allowedValue}.`),
    ];
  if (p.keyword === 'type')
    return [
      problem('type', pointer, `${field} ${p.message}.`, 'See cli/README.md for the form of souk.yaml.'),
    ];
  if (p.keyword === 'pattern') {
    const wanted = schemaAt(schema, p.schemaPath)?.description;
    return [
      problem(
        'pattern',
        pointer,
        `${field} does not have the form that is needed.`,
        `It is: ${wanted ?? p.message}.`,
      ),
    ];
  }
  return [problem('value', pointer, `${field} ${p.message}.`, 'Correct it.')];
}

function schemaAt(schema: TSchema, path: string): Record<string, unknown> | undefined {
  let found: unknown = schema;
  for (const step of path.replace(/^#\/?/, '').split('/').filter(Boolean))
    found = (found as Record<string, unknown> | undefined)?.[step];
  return found as Record<string, unknown> | undefined;
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((k) => ({ k, distance: editDistance(name.toLowerCase(), k.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, name.length / 3) ? `Is ${best.k} meant?` : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
