import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CatalogProduct, Finding, Image, Subscription, TransformJob } from '@souk/contract';
import { dockerArchive, servingLayer } from '../../server/test/images.ts';
import { operatorOf, type RunningSouk, removeFolder, root, startSouk, until } from './souk.ts';

/** The whole path typed into the command line, each person with a folder of their own for what the program keeps. */
let souk: RunningSouk;
let folder: string;
let product: string;

before(async () => {
  souk = await startSouk();
  folder = mkdtempSync(join(tmpdir(), 'souk-typed-'));
  product = join(folder, 'iris');
  cpSync(join(root, 'examples/iris-classifier'), product, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
  rmSync(folder, { recursive: true, force: true });
});

interface Typed {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/** Runs the program as somebody, in the product's folder. */
function souks(who: string, args: string[], input = ''): Promise<Typed> {
  const child = spawn(process.execPath, [join(root, 'cli/bin/souk.mjs'), ...args], {
    cwd: product,
    env: { PATH: process.env.PATH, SOUK_DATA: join(folder, who), SOUK_URL: souk.url },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '';
  let said = '';
  child.stdout.on('data', (d: Buffer) => (out += d.toString()));
  child.stderr.on('data', (d: Buffer) => (said += d.toString()));
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, said })));
}
async function done(who: string, ...args: string[]): Promise<string> {
  const { code, out, said } = await souks(who, args);
  assert.equal(code, 0, `souk ${args.join(' ')} ended with ${code}:\n${out}\n${said}`);
  return out;
}
const lines = <T>(out: string) =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

test('two people sign up, with the password from standard input; a password that is too short is refused', async () => {
  for (const who of ['ada', 'bruno']) {
    const args = ['sign-up', '--email', `${who}@example.org`, '--name', who, '--password-stdin'];
    assert.equal((await souks(who, args, 'short\n')).code, 2);
    const signedUp = await souks(who, args, `${who} has a long password\n`);
    assert.equal(signedUp.code, 0, signedUp.said);
  }
  const again = await souks(
    'ada',
    ['sign-up', '--email', 'ada@example.org', '--name', 'x', '--password-stdin'],
    'another long password\n',
  );
  assert.equal(again.code, 6, again.said);
});

test('the desk finds what the marketplace would find, and names the line', async () => {
  assert.equal((await souks('ada', ['check', product])).code, 0);
  const listing = join(product, 'souk.yaml');
  const good = readFileSync(listing, 'utf8');
  writeFileSync(listing, good.replace(/title: .*/, `title: ${'x'.repeat(73)}`));
  const refused = await souks('ada', ['products', 'check', '--json']);
  writeFileSync(listing, good);
  assert.equal(refused.code, 1, refused.said);
  const [found] = lines<{ findings: (Finding & { line?: number })[] }>(refused.out)
    .flatMap((l) => l.findings ?? [l as unknown as Finding & { line?: number }])
    .filter((f) => f.severity === 'error');
  assert.equal(found?.code, 'document.too_long');
  assert.equal(found?.pointer, '/listing/title');
});

test('without a profile nothing is published, and the way to one is said', async () => {
  const early = await souks('ada', ['push']);
  assert.equal(early.code, 7, early.said);
  assert.match(early.said, /souk publisher set/);
  await done('ada', 'publisher', 'set', '--slug', 'fisher-lab', '--display-name', 'Fisher Lab');
});

test('a paid plan needs taxes, bank and the operator’s word; each is a command', async () => {
  const unpaid = await souks('ada', ['push']);
  assert.equal(unpaid.code, 1);
  assert.match(unpaid.said, /tax interview/i);
  assert.match(unpaid.said, /bank details/i);
  const papers = join(root, 'examples/becoming-a-publisher');
  const contact = ['--contact', 'ada@example.org', '--website', 'https://fisher.example'];
  await done('ada', 'publisher', 'set', ...contact, '--description', 'Flowers.');
  await done('ada', 'publisher', 'tax', 'set', join(papers, 'tax-interview.yaml'));
  await done('ada', 'publisher', 'bank', 'set', join(papers, 'bank-details.yaml'));
  await done('ada', 'publisher', 'verify', '--message', 'We measure flowers.');
  const operator = await operatorOf(souk.url);
  await done(
    'operator',
    ...['publishers', 'approve', 'fisher-lab', '--comment', 'Known.', '--key', operator.client.key ?? ''],
  );
});

test('the folder becomes a draft, the draft a preview; a second push changes nothing', async () => {
  await done('ada', 'push');
  const again = await done('ada', 'push', '--json');
  assert.ok(!again.includes('"uploaded":true'), again);
  const stages = lines<{ stage: string; state: string }>(await done('ada', 'submit', '--follow', '--json'));
  assert.deepEqual([stages.at(-1)?.state, stages.at(-1)?.stage], ['waiting', 'sign-off']);
});

test('the preview does not exist for others; after the sign-off it does', async () => {
  const hidden = await souks('bruno', ['subscribe', 'fisher-lab/iris-classifier', '--accept-eula']);
  assert.equal(hidden.code, 5, hidden.said);
  const released = lines<{ state: string }>(await done('ada', 'sign-off', '--follow', '--json'));
  assert.equal(released.at(-1)?.state, 'released');
  await until(
    'the catalogue',
    async () => lines<CatalogProduct['item']>(await done('bruno', 'search', 'iris', '--json')),
    (found) => found.length === 1,
  );
});

test('a buyer agrees, calls with the sample and with a file of their own, and sees usage and invoice', async () => {
  const undecided = await souks('bruno', ['subscribe', 'fisher-lab/iris-classifier', '--plan', 'free']);
  assert.notEqual(undecided.code, 0);
  const [subscription] = lines<Subscription>(
    await done(
      'bruno',
      'subscribe',
      'fisher-lab/iris-classifier',
      '--plan',
      'free',
      '--accept-eula',
      '--json',
    ),
  );
  assert.equal(subscription?.state, 'active');
  const answer = await until(
    'an answer',
    () => souks('bruno', ['call', 'fisher-lab/iris-classifier']),
    (r) => r.code === 0,
  );
  assert.match(answer.out, /setosa|versicolor|virginica/);
  const csv = await done('bruno', 'call', 'fisher-lab/iris-classifier', '--data', '@sample-input.csv');
  assert.match(csv, /setosa/);
  const wrong = await souks('bruno', ['call', 'fisher-lab/iris-classifier', '--data', '{"nonsense"']);
  assert.equal(wrong.code, 2, wrong.said);
  await until(
    'the usage',
    () => done('bruno', 'usage', '--json'),
    (out) => lines<{ total: number }>(out)[0]?.total === 2,
  );
  assert.ok(lines(await done('bruno', 'invoice', '--json')).length > 0);
});

test('files are pushed, the model runs over them in batch, and the results come back in their order', async () => {
  writeFileSync(join(product, 'flowers.csv'), '5.1,3.5,1.4,0.2\n6.3,3.3,6,2.5\n5.7,2.8,4.1,1.3\n');
  await done('bruno', 'files', 'push', 'flowers.csv', 'batch/in/');
  const args = [
    '--input',
    'batch/in/',
    '--output',
    'batch/out',
    '--content-type',
    'text/csv',
    '--split',
    'Line',
  ];
  const said = await done(
    'bruno',
    ...['transforms', 'create', 'fisher-lab/iris-classifier', '--name', 'flowers', ...args],
    ...['--instance-type', 'ml.m5.large', '--join', '--output-filter', '$[0,4]', '--json'],
  );
  const last = lines<TransformJob>(said).at(-1);
  assert.deepEqual([last?.state, last?.progress.rows, last?.countedUnits], ['Completed', 3, 1]);
  await done('bruno', 'transforms', 'get', 'flowers', 'results');
  assert.equal(
    readFileSync(join(product, 'results/flowers.csv.out'), 'utf8'),
    '5.1,setosa\n6.3,virginica\n5.7,versicolor\n',
  );
  const absent = await souks('bruno', ['transforms', 'show', 'absent']);
  assert.match(absent.said, /transform\.missing/);
});

test('the signed statement verifies against the very file, and not against another', async () => {
  await done('bruno', 'verify', 'fisher-lab/iris-classifier', 'model.onnx');
  const other = join(folder, 'other.onnx');
  const bytes = readFileSync(join(product, 'model.onnx'));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(other, bytes);
  assert.equal((await souks('bruno', ['verify', 'fisher-lab/iris-classifier', other])).code, 1);
});

test('a container image is pushed and shown with its bill of materials; a bad one ends with what to mend; buyers see none', async () => {
  const layers = [await servingLayer()];
  const archive = join(folder, 'image.tar');
  writeFileSync(archive, await dockerArchive({ layers, name: 'fisher/iris:1' }));
  const [pushed] = lines<Image>(await done('ada', 'images', 'push', archive, '--json'));
  assert.deepEqual([pushed?.status, pushed?.name], ['Completed', 'fisher/iris:1']);
  const digest = pushed?.digest ?? '';
  assert.match(await done('ada', 'images', 'show', digest), /entry point\s+\["\/opt\/serve"\]/);
  assert.equal(
    (JSON.parse(await done('ada', 'images', 'sbom', digest)) as { bomFormat: string }).bomFormat,
    'CycloneDX',
  );
  const shell = join(folder, 'shell.tar');
  writeFileSync(
    shell,
    await dockerArchive({ layers, config: { Entrypoint: ['/bin/sh', '-c', 'python3 x.py'] } }),
  );
  const refused = await souks('ada', ['images', 'push', shell]);
  assert.equal(refused.code, 1, refused.said);
  assert.match(
    refused.said,
    /image\.entrypoint_shell[\s\S]*exec form|exec form[\s\S]*image\.entrypoint_shell/,
  );
  assert.equal((await souks('bruno', ['images', 'show', digest])).code, 5);
  await done('ada', 'images', 'delete', digest);
});
