/**
 * `node check.main.ts PATH... [--json] [--as model|program] [--documents FILE]`: what a submission of these paths would be told. Exit 0 without errors,
 * 1 with. The file holds documents that somebody else has read, by the folder they belong to.
 */
import { readFileSync } from 'node:fs';
import { parseArgs, styleText } from 'node:util';
import { hasNoErrors } from '@souk/contract/findings';
import { checkReadDocument, type ReadDocument } from './check-document.ts';
import { type CheckedPath, checkPaths } from './check-paths.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, as: { type: 'string' }, documents: { type: 'string' } },
});
const as = values.as === 'model' || values.as === 'program' ? values.as : undefined;
if (positionals.length === 0 || (values.as !== undefined && as === undefined)) {
  console.error('usage: node check.main.ts PATH... [--json] [--as model|program]');
  process.exitCode = 2;
}
const documents = new Map(
  values.documents === undefined
    ? []
    : Object.entries(JSON.parse(readFileSync(values.documents, 'utf8')) as Record<string, ReadDocument>),
);
const checkDocument = async (folder: string) => {
  const read = documents.get(folder);
  return read && checkReadDocument(read);
};
for await (const checked of checkPaths(positionals, { checkDocument, ...(as ? { as } : {}) })) {
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
