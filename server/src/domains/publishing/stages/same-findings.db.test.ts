import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { documentFindings, type Finding, type ProductDocument } from '@souk/contract';
import { irisDocument, irisFile } from '../../../../../test/iris-document.ts';
import { iris, modelParts, tarOf } from '../../../../test/models.ts';
import { testPublishing } from '../../../../test/publishing.ts';
import { folders } from '../../../platform/config.ts';
import { listingFindings, RULE_SET } from '../../certification/index.ts';
import { newVerdicts } from '../../models/index.ts';

// What a publisher is told on their desk is what the pipeline says: the same rules over the same bytes and texts, by both ways.
const market = await testPublishing();
const { platform, db, uploads } = market;
await mkdir(folders(platform.config.dataDir).work, { recursive: true });
const { loader } = await modelParts(platform);
const verdicts = newVerdicts(platform, loader);
const folder = mkdtempSync(join(tmpdir(), 'souk-same-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const souk = fileURLToPath(new URL('../../../../../cli/bin/souk.mjs', import.meta.url));

interface Line {
  readonly path: string;
  readonly ruleSet: string;
  readonly findings: Finding[];
}
function check(paths: readonly string[]): { lines: Line[]; status: number | null } {
  const ran = spawnSync(process.execPath, [souk, 'check', ...paths, '--json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const lines = ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return { lines, status: ran.status };
}
const said = (findings: readonly Finding[]) =>
  findings.map(({ rule, code, severity, message, remedy }) => ({ rule, code, severity, message, remedy }));
const sorted = <T>(list: readonly T[]) =>
  list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const token = `ghp_${'a1B2'.repeat(9)}`;
const packages: Readonly<Record<string, Buffer>> = {
  'good.tar': await tarOf({ 'model.onnx': iris.model }),
  'pickle.tar': await tarOf({
    'model.onnx': iris.model,
    'w.pkl': Buffer.from([0x80, 2, 0x7d, 0x71, 0, 0x2e]),
  }),
  'script.tar': await tarOf({ 'model.onnx': iris.model, 'setup.sh': '#!/bin/sh\necho hello\n' }),
  'secret.tar': await tarOf({ 'model.onnx': iris.model, 'README.md': `token: ${token}\n` }),
  'hidden.tar': await tarOf({ 'model.onnx': iris.model, '.env': 'A=1\n' }),
  'several.tar': await tarOf({ 'a.onnx': iris.model, 'b.onnx': iris.model }),
  'empty.tar': await tarOf({ 'notes.txt': 'nothing' }),
  'escapes.tar': await tarOf({ 'model.onnx': iris.model, '../evil.txt': 'x' }),
  'damaged.tar': (await tarOf({ 'model.onnx': iris.model })).subarray(0, 700),
  'unreadable.tar': await tarOf({ 'model.onnx': 'no model at all' }),
  'words.txt': Buffer.from('no archive'),
};

test('souk check says of a package what the pipeline says: rules, codes, severities, words and rule set', async () => {
  for (const [name, bytes] of Object.entries(packages)) writeFileSync(join(folder, name), bytes);
  const { lines, status } = check(Object.keys(packages));
  assert.equal(status, 1);
  assert.deepEqual(
    lines.map((l) => l.path),
    Object.keys(packages),
  );
  for (const { path, ruleSet, findings } of lines) {
    const { sha256 } = await platform.blobs.put(packages[path] ?? Buffer.alloc(0));
    const { verdict } = await verdicts.of(sha256);
    assert.equal(ruleSet, verdict.ruleSet);
    assert.deepEqual(sorted(said(findings)), sorted(said(verdict.findings)), path);
    assert.deepEqual(
      sorted(findings.map((f) => [f.code, f.file])),
      sorted(verdict.findings.map((f) => [f.code, f.file])),
      path,
    );
  }
  // Not by saying nothing: each of the bad ones was refused for something else.
  const codes = lines.map((l) => l.findings.map((f) => f.code).join());
  assert.equal(codes[0], '');
  assert.ok(new Set(codes).size >= 9, codes.join(' | '));
  assert.equal(check(['good.tar']).status, 0);
});

const documents: Readonly<Record<string, (d: ProductDocument) => ProductDocument>> = {
  good: (d) => d,
  'long-title': (d) => ({ ...d, listing: { ...d.listing, title: 'x'.repeat(73) } }),
  placeholder: (d) => ({ ...d, listing: { ...d.listing, shortDescription: 'TODO: say what it does.' } }),
  markup: (d) => ({ ...d, listing: { ...d.listing, longDescription: '<script>alert(1)</script>' } }),
  'no-plans': (d) => ({ ...d, plans: [] }),
  'bad-link': (d) => ({
    ...d,
    promotion: { ...d.promotion, links: [{ text: 'More', url: 'http://example.com' }] },
  }),
  'release-notes': (d) => ({
    ...d,
    versions: (d.versions ?? []).map((v) => ({ ...v, releaseNotes: 'Click [here](javascript:alert(1)).' })),
  }),
};

test('souk check says of a document what the draft and the pipeline say, at the same places', async () => {
  const caller = await market.publisher();
  const { arn } = await market.modelPackage(caller);
  for (const [name, change] of Object.entries(documents)) {
    const { promotion: { logo: _, ...promotion } = {}, ...rest } = change(irisDocument(arn, '0'.repeat(64)));
    const document: ProductDocument = { ...rest, promotion };
    const place = join(folder, name);
    mkdirSync(place);
    writeFileSync(join(place, 'logo.png'), irisFile('logo.png'));
    writeFileSync(
      join(place, 'souk.yaml'),
      JSON.stringify({
        product: { type: 'model-package', slug: 'iris' },
        ...document,
        promotion: { ...promotion, logo: { $file: 'logo.png' } },
      }),
    );
    const { lines } = check([name]);
    const [line] = lines;
    assert.ok(line);
    assert.deepEqual([lines.length, line.path, line.ruleSet], [1, name, RULE_SET]);
    const logo = { sha256: '0'.repeat(64), contentType: 'image/png' };
    const pipeline = [
      ...documentFindings({ ...document, promotion: { ...promotion, logo } }, {}),
      ...(await listingFindings(uploads, db)(caller.accountId, document)),
    ];
    const places = (findings: readonly Finding[]) =>
      sorted(findings.map((f) => [f.code, f.severity, f.pointer, f.message]));
    assert.deepEqual(places(line.findings), places(pipeline), name);
    assert.equal(
      line.findings.some((f) => f.severity === 'error'),
      name !== 'good',
      name,
    );
  }
});
