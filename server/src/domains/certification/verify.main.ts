/** `node verify.main.ts PACKAGE --statement FILE --key FILE [--version N] [--json]`: is this what was signed? Exit 0 if so. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { verifyPackage } from './evidence/verify-package.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    statement: { type: 'string' },
    key: { type: 'string' },
    version: { type: 'string' },
    json: { type: 'boolean' },
  },
});
const [path] = positionals;
if (path === undefined || values.statement === undefined || values.key === undefined) {
  console.error('usage: node verify.main.ts PACKAGE --statement FILE --key FILE [--version N] [--json]');
  process.exitCode = 2;
} else {
  const envelope: unknown = JSON.parse(await readFile(values.statement, 'utf8'));
  const result = await verifyPackage(path, envelope, await readFile(values.key, 'utf8'), values.version);
  if (values.json === true) console.log(JSON.stringify(result));
  else {
    for (const { name, state } of result.checked) console.log(`${state.padEnd(10)} ${name}`);
    console.log(result.ok ? `Signed with key ${result.keyId}.` : (result.reason ?? 'Not verified.'));
  }
  if (!result.ok) process.exitCode = 1;
}
