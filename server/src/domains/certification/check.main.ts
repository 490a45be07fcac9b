/** `node check.main.ts PATH... [--json] [--as model|program]`: what a submission of these paths would be told. Exit 0 without errors, 1 with. */
import { parseArgs, styleText } from 'node:util';
import { hasNoErrors } from '@souk/contract/findings';
import { type CheckedPath, checkPaths } from './check-paths.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, as: { type: 'string' } },
});
const as = values.as === 'model' || values.as === 'program' ? values.as : undefined;
if (positionals.length === 0 || (values.as !== undefined && as === undefined)) {
  console.error('usage: node check.main.ts PATH... [--json] [--as model|program]');
  process.exitCode = 2;
}
for await (const checked of checkPaths(positionals, as === undefined ? {} : { as })) {
  console.log(values.json === true ? JSON.stringify(checked) : forPeople(checked));
  if (!hasNoErrors(checked.findings)) process.exitCode = 1;
}

function forPeople({ path, findings }: CheckedPath): string {
  const colours = { error: 'red', warning: 'yellow', info: 'cyan' } as const;
  if (findings.length === 0) return `${path}: ${styleText('green', 'nothing to mend')}`;
  const lines = findings.map((one) => {
    const place =
      one.file === null ? (one.pointer ?? '') : `${one.file}${one.line === null ? '' : `:${one.line}`}`;
    const head = [styleText(colours[one.severity], one.severity), one.code, place].filter(
      (part) => part !== '',
    );
    return `  ${head.join(' ')}\n    ${one.message}\n    ${styleText('dim', one.remedy)}`;
  });
  return [`${path}: ${findings.length === 1 ? '1 finding' : `${findings.length} findings`}`, ...lines].join(
    '\n',
  );
}
