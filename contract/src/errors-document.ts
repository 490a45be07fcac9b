import { type ErrorDefinition, errorKinds } from './errors.ts';
import { errorRegistry } from './registry.ts';

/** Where the explanation of a code stands, in docs/errors.md and at /docs/errors. */
export const errorAnchor = (code: string): string => code.replaceAll(/[._]/g, '-');

/** docs/errors.md. */
export function errorsMarkdown(): string {
  const codes = Object.entries<ErrorDefinition>(errorRegistry);
  const kinds = Object.entries(errorKinds).map(
    ([kind, k]) => `| ${kind} | ${k.status} | ${k.exitCode} | ${k.retryable ? 'yes' : 'no'} |`,
  );
  const sections = codes.map(([code, e]) => {
    const { status, exitCode } = errorKinds[e.kind];
    return [
      `### <a id="${errorAnchor(code)}"></a>\`${code}\``,
      '',
      `${cell(e.message)}`,
      '',
      `What to do: ${cell(e.remedy)}`,
      '',
      `HTTP ${e.status ?? status}, ${e.kind}, exit code ${exitCode}.`,
      '',
    ].join('\n');
  });
  return [
    '# Errors',
    '',
    'Generated from the contract (`npm run generate`); do not edit.',
    '',
    'Every error is answered as `{ "error": { code, kind, message, remedy, params, findings?, requestId, docs } }`. Decide by the code,',
    'which is never reused or renamed; show the message and the remedy. `{words}` in braces are filled from `params`.',
    '',
    '## Kinds',
    '',
    '| kind | HTTP status, unless a protocol demands another | exit code of `souk` | the same request may succeed later |',
    '| --- | --- | --- | --- |',
    ...kinds,
    '',
    '## Codes',
    '',
    ...sections,
  ].join('\n');
}

const cell = (text: string) => text.replaceAll('<', '&lt;');
