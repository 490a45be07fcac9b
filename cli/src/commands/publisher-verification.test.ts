import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TaxInterview } from '@souk/contract';
import { serveContract } from '../testing/contract-server.ts';
import { runSouk, temporaryFolder } from '../testing/run-souk.ts';
import { at } from '../testing/samples.ts';

const example = readFileSync(
  new URL('../../../examples/becoming-a-publisher/tax-interview.yaml', import.meta.url),
  'utf8',
);
const given = { version: 1, givenBy: 'ada@example.com', givenAt: at, versions: [] };

test('the example is complete, is signed today, and is sent as it stands', async () => {
  using folder = temporaryFolder();
  const sent: TaxInterview[] = [];
  await using server = await serveContract({
    putTaxDetails: ({ body }) => {
      sent.push(body);
      return { form: 'W-8BEN-E', expiresOn: null, interview: body, ...given };
    },
  });
  writeFileSync(join(folder.path, 'tax.yaml'), example);
  const options = { cwd: folder.path, url: server.url, env: { SOUK_API_KEY: 'k' } };
  const checked = await runSouk(['publisher', 'tax', 'set', 'tax.yaml', '--check'], options);
  assert.deepEqual([checked.code, sent.length], [0, 0], checked.stderr);
  const ran = await runSouk(['publisher', 'tax', 'set', 'tax.yaml'], options);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(sent[0]?.signature?.date, new Date().toISOString().slice(0, 10));
});

test('what is wrong is said on its line, and nothing is sent', async () => {
  using folder = temporaryFolder();
  await using server = await serveContract({});
  const options = { cwd: folder.path, url: server.url, env: { SOUK_API_KEY: 'k' } };
  for (const [text, expected] of [
    [example.replace('DE123456788', 'DE123456789'), /tax\.yaml:14.*tax\.vat_checksum/s],
    [`${example}extra: 1\n`, /answers\.form/],
    [example.replace('kind: company', 'kind: robot'), /tax\.yaml:2.*answers\.form/s],
    ['kind: [', /answers\.syntax/],
  ] as const) {
    writeFileSync(join(folder.path, 'tax.yaml'), text);
    const ran = await runSouk(['publisher', 'tax', 'set', 'tax.yaml'], options);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, expected);
  }
  const none = await runSouk(['publisher', 'bank', 'set', 'none.yaml'], options);
  assert.equal(none.code, 2);
  assert.deepEqual(server.log, []);
});
