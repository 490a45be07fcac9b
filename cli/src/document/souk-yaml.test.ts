import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { usageParts } from '@souk/contract';
import Value from 'typebox/value';
import { parse } from 'yaml';
import { Failure } from '../failure.ts';
import { temporaryFolder } from '../testing/run-souk.ts';
import { checkSoukYaml, withArns } from './check.ts';
import { soukYamlSchema } from './json-schema.ts';
import { readSoukYaml } from './souk-yaml.ts';

const example = fileURLToPath(new URL('../../../examples/iris-classifier/', import.meta.url));

function read(text: string, files: Record<string, string | Buffer> = {}) {
  const folder = temporaryFolder();
  const path = join(folder.path, 'souk.yaml');
  writeFileSync(path, text);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
  try {
    return readSoukYaml(path, folder.path);
  } finally {
    folder[Symbol.dispose]();
  }
}
const said = (text: string, files?: Record<string, string | Buffer>) =>
  read(text, files).findings.map((f) => `${f.file}:${f.line} ${f.code} ${f.pointer}`);

test('the example passes every rule of the contract', () => {
  const file = readSoukYaml(join(example, 'souk.yaml'), example);
  assert.deepEqual(checkSoukYaml(file), []);
  assert.equal(file.product?.slug, 'iris-classifier');
  assert.equal(file.document.terms?.eula, readFileSync(join(example, 'eula.txt'), 'utf8'));
  assert.equal(file.document.promotion?.logo?.width, 400);
  assert.deepEqual(
    file.document.plans?.map((p) => [p.id, p.quota?.unitsPerMonth, usageParts(p.parts)[0]?.pricePerUnit]),
    [
      ['free', 5000, undefined],
      ['pay-as-you-go', undefined, '0.002'],
    ],
  );
});

test('the editors’ schema takes the example as it is written, and refuses a field that nobody knows', () => {
  const schema = soukYamlSchema();
  const written = parse(readFileSync(join(example, 'souk.yaml'), 'utf8')) as Record<string, unknown>;
  assert.deepEqual(Value.Errors(schema, written), []);
  assert.ok(!Value.Check(schema, { ...written, prices: [] }));
  assert.ok(!Value.Check(schema, { listing: {} }));
});

test('numbers are taken as they were typed where the document wants text', () => {
  const { document, findings } = read(`
product: { type: model-package, slug: iris }
versions:
  - number: 1.0
plans:
  - id: paid
    parts:
      - { kind: usage, dimension: inference.count, pricePerUnit: 0.00200 }
audience:
  testAccounts: [012345678901]
`);
  assert.deepEqual(findings, []);
  assert.equal(document.versions?.[0]?.number, '1.0');
  assert.equal(usageParts(document.plans?.[0]?.parts)[0]?.pricePerUnit, '0.00200');
  assert.deepEqual(document.audience?.testAccounts, ['012345678901']);
});

test('of a part of a plan only what its kind lacks is named', () => {
  const part = (text: string) =>
    said(`product: { type: model-package, slug: iris }\nplans: [{ id: p, parts: [${text}] }]\n`);
  const at = (code: string, field: string) => [`souk.yaml:2 souk-yaml.${code} /plans/0/parts/0/${field}`];
  assert.deepEqual(part('{ kind: recurring, amount: 15, per: month }'), []);
  assert.deepEqual(part('{ kind: recurring, amount: abc, per: month }'), at('pattern', 'amount'));
  assert.deepEqual(part('{ kind: recurring, amount: 1, per: year }'), at('value', 'per'));
  assert.deepEqual(part('{ kind: usage, dimension: inference.count }'), at('missing', 'pricePerUnit'));
  assert.deepEqual(part('{ kind: weekly }'), at('value', 'kind'));
});

test('unknown fields, wrong types and unknown words are named with their lines', () => {
  assert.deepEqual(
    said(`product: { type: model-package, slug: iris }
listing:
  titel: Iris
  highlights: one
  categories: [Botany]
plans:
  - name: no id
`),
    [
      'souk.yaml:3 souk-yaml.unknown_field /listing/titel',
      'souk.yaml:4 souk-yaml.type /listing/highlights',
      'souk.yaml:5 souk-yaml.value /listing/categories/0',
      'souk.yaml:7 souk-yaml.missing /plans/0/id',
    ],
  );
  const [finding] = read('product: { type: model-package, slug: iris }\nlisting: { titel: x }\n').findings;
  assert.equal(finding?.remedy, 'Is title meant?');
});

test('the rules’ findings carry the line of souk.yaml', () => {
  const file = read(`product: { type: model-package, slug: iris }
listing:
  visibility: public
  title: ${'x'.repeat(73)}
`);
  const title = checkSoukYaml(file).find((f) => f.pointer === '/listing/title');
  assert.deepEqual([title?.code, title?.file, title?.line], ['document.too_long', 'souk.yaml', 4]);
});

test('a broken file is refused with the line of the mistake', () => {
  assert.throws(
    () => read('product:\n  slug: "unfinished\n'),
    (error) =>
      error instanceof Failure && error.findings[0]?.code === 'souk-yaml.syntax' && error.kind === 'refused',
  );
});

test('a file beside souk.yaml fills a text exactly; one outside, missing or not UTF-8 is refused', () => {
  const terms = (name: string) =>
    `product: { type: model-package, slug: iris }\nterms:\n  eula: { $file: ${name} }\n`;
  assert.equal(read(terms('eula.txt'), { 'eula.txt': 'Ä\r\n' }).document.terms?.eula, 'Ä\r\n');
  assert.deepEqual(said(terms('../../etc/hostname')), ['souk.yaml:3 souk-yaml.file_outside /terms/eula']);
  assert.deepEqual(said(terms('/etc/hostname')), ['souk.yaml:3 souk-yaml.file_outside /terms/eula']);
  assert.deepEqual(said(terms('none.txt')), ['souk.yaml:3 souk-yaml.file_missing /terms/eula']);
  assert.deepEqual(said(terms('eula.txt'), { 'eula.txt': Buffer.from([0xff, 0xfe, 0xfd]) }), [
    'souk.yaml:3 souk-yaml.file_encoding /terms/eula',
  ]);
});

test('a link out of the folder does not publish what it points to', () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'product'));
  writeFileSync(join(folder.path, 'secret.txt'), 'secret');
  symlinkSync(join(folder.path, 'secret.txt'), join(folder.path, 'product', 'eula.txt'));
  const path = join(folder.path, 'product', 'souk.yaml');
  writeFileSync(path, 'product: { type: model-package, slug: iris }\nterms: { eula: { $file: eula.txt } }\n');
  const file = readSoukYaml(path, folder.path);
  assert.equal(file.findings[0]?.code, 'souk-yaml.file_outside');
  assert.equal(file.document.terms?.eula, undefined);
});

test('images and sample files are named by digest and kept to be sent, each as what it is', () => {
  const text = `product: { type: model-package, slug: iris }
promotion: { images: [{ image: { $file: chart.png }, alt: A chart }] }
versions:
  - number: 1.0.0
    input:
      samples: { contentType: text/csv, realtime: '1,2', batchFile: { $file: rows.csv } }
      formats: [{ contentType: application/json, realtimeFile: { $file: one.json } }]
`;
  const png = readFileSync(join(example, 'logo.png'));
  const file = read(text, { 'chart.png': png, 'rows.csv': '1,2\n3,4\n', 'one.json': '[1,2]' });
  assert.deepEqual(file.findings, []);
  assert.deepEqual(
    file.media.map((m) => m.purpose),
    ['media', 'sample', 'sample'],
  );
  assert.equal(file.document.promotion?.images?.[0]?.image?.width, 400);
  const { samples, formats } = file.document.versions?.[0]?.input ?? {};
  assert.deepEqual([samples?.batchFile?.fileName, samples?.batchFile?.sizeBytes], ['rows.csv', 8]);
  assert.equal(formats?.[0]?.realtimeFile?.fileName, 'one.json');
  assert.deepEqual(said(text, { 'chart.png': png, 'rows.csv': '', 'one.json': '[1,2]' }), [
    'souk.yaml:6 souk-yaml.file_empty /versions/0/input/samples/batchFile',
  ]);
});

test('a logo must be a picture', () => {
  const text = 'product: { type: model-package, slug: iris }\npromotion: { logo: { $file: logo.png } }\n';
  assert.deepEqual(said(text, { 'logo.png': 'no picture' }), [
    'souk.yaml:2 souk-yaml.not_an_image /promotion/logo',
  ]);
});

test('a version has a model here or a registered one, not both; and gets the ARN of its own', () => {
  const text = (more: string) => `product: { type: model-package, slug: iris }
versions:
  - number: 1.0.0
    modelPackageArn: arn:aws:sagemaker:us-east-1:123456789012:model-package/old
  - number: 1.1.0
    model: { path: model.onnx }
${more}`;
  const file = read(text(''));
  assert.deepEqual(file.findings, []);
  assert.deepEqual(
    withArns(file, (i) => `arn-${i}`).versions?.map((v) => v.modelPackageArn),
    ['arn:aws:sagemaker:us-east-1:123456789012:model-package/old', 'arn-1'],
  );
  assert.deepEqual(said(text('    modelPackageArn: arn:x\n')), [
    'souk.yaml:7 souk-yaml.model_and_arn /versions/1/modelPackageArn',
  ]);
});
