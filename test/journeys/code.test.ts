import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Applied, type Draft, operations, type Product, type Session } from '@souk/contract';
import { parse, stringify } from 'yaml';
import { runSouk } from '../../cli/src/testing/run-souk.ts';
import { writeProfile } from './publish.ts';
import { Client, type RunningSouk, removeFolder, root, startSouk } from './souk.ts';

/** Listings as code, as a CI system has it: a folder of files and a key that is limited to its product. */
let souk: RunningSouk;
let folder: string;
let admins: string;
let keys: string;

interface PlanLine {
  product: string;
  action: string;
  changes: { pointer: string; after?: unknown; line: number | null }[];
  drift: { pointer: string; undone: boolean }[];
  changedBy: string | null;
}

async function api<T>(key: string, method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${souk.url}${path}`, {
    method,
    headers: {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

const run = (key: string, ...args: string[]) =>
  runSouk(args, {
    url: souk.url,
    cwd: folder,
    env: { SOUK_API_KEY: key, SOUK_DATA: join(folder, '.souk') },
  });
const listing = () => join(folder, 'listings/iris/souk.yaml');
const edit = (from: string | RegExp, to: string) =>
  writeFileSync(listing(), readFileSync(listing(), 'utf8').replace(from, to));
const iris = async () =>
  (await api<{ items: Product[] }>(admins, 'GET', '/api/products')).items.find(
    (p) => p.slug === 'iris-classifier',
  ) ?? assert.fail('there is no iris-classifier');
const planned = async (key = keys) => {
  const ran = await run(key, 'plan', 'listings', '--json');
  return { code: ran.code, stderr: ran.stderr, lines: ran.json as PlanLine[] };
};

before(async () => {
  souk = await startSouk();
  folder = mkdtempSync(join(tmpdir(), 'souk-code-'));
  cpSync(join(root, 'examples/iris-classifier'), join(folder, 'listings/iris'), {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
  const signedUp = await fetch(`${souk.url}/api/sign-up`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.org', name: 'Ada', password: 'a long enough password' }),
  });
  const cookie = signedUp.headers
    .getSetCookie()
    .map((c) => c.split(';')[0])
    .join('; ');
  const made = await fetch(`${souk.url}${operations.createApiKey.path}`, {
    method: 'POST',
    headers: { cookie, origin: souk.url, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'ada', scopes: ['manage'] }),
  });
  admins = ((await made.json()) as { key: string }).key;
  await writeProfile(new Client(souk.url, admins), 'fisher-lab');
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
  rmSync(folder, { recursive: true, force: true });
});

test('a plan of a new product says what is created, ends with 2 and makes nothing', async () => {
  const { code, lines } = await planned(admins);
  assert.equal(code, 2);
  assert.deepEqual([lines.length, lines[0]?.product, lines[0]?.action], [1, 'iris-classifier', 'create']);
  assert.deepEqual((await api<{ items: Product[] }>(admins, 'GET', '/api/products')).items, []);
});

test('without a terminal and without --auto-approve nothing is applied', async () => {
  const ran = await run(admins, 'apply', 'listings');
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /--auto-approve/);
  assert.deepEqual((await api<{ items: Product[] }>(admins, 'GET', '/api/products')).items, []);
});

test('an empty product and a key for it are all that CI is given; the key registers, writes and marks the source', async () => {
  const product = await api<Product>(admins, 'POST', '/api/products', {
    type: 'model-package',
    slug: 'iris-classifier',
  });
  const made = await run(
    admins,
    'keys',
    'create',
    '--name',
    'ci',
    '--product',
    'iris-classifier',
    '--ability',
    'edit,register,submit,release',
  );
  assert.equal(made.code, 0, made.stderr);
  keys = made.stdout.trim();
  const ran = await run(
    keys,
    'apply',
    'listings',
    '--auto-approve',
    '--json',
    '--source',
    'acme/models@3f2c1d',
  );
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(
    ran.json.map((l) => [(l as { product: string }).product, (l as { result: string }).result]),
    [['iris-classifier', 'changed']],
  );
  const applied = await api<Applied>(admins, 'GET', `/api/products/${product.id}/applied`);
  assert.deepEqual([applied.applied?.source, applied.drift], ['acme/models@3f2c1d', []]);
});

test('planned again nothing changes and the code is 0; applied again nothing is sent', async () => {
  const { code, lines } = await planned();
  assert.deepEqual([code, lines[0]?.action, lines[0]?.changes], [0, 'unchanged', []]);
  const before = await iris();
  const ran = await run(
    keys,
    'apply',
    'listings',
    '--auto-approve',
    '--json',
    '--source',
    'acme/models@3f2c1d',
  );
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal((await iris()).draftVersion, before.draftVersion);
});

test('an edited line is one change, with its line in the file', async () => {
  edit(/^ {2}title: .*$/m, '  title: Iris, as code');
  const { code, lines } = await planned();
  assert.equal(code, 2);
  assert.deepEqual(
    lines[0]?.changes.map((c) => [c.pointer, c.after]),
    [['/listing/title', 'Iris, as code']],
  );
  const line = readFileSync(listing(), 'utf8').split('\n').indexOf('  title: Iris, as code') + 1;
  assert.equal(lines[0]?.changes[0]?.line, line);
});

test('a saved plan is applied, and refused once the files or the draft are no longer what it was made for', async () => {
  assert.equal((await run(keys, 'plan', 'listings', '--out', 'plan.json')).code, 2);
  edit('Iris, as code', 'Iris, changed after the plan');
  const files = await run(keys, 'apply', 'listings', '--plan', 'plan.json', '--auto-approve', '--json');
  assert.equal(files.code, 6);
  assert.equal(JSON.parse(files.stderr.trim().split('\n').at(-1) ?? '').error.code, 'cli.plan_outdated');
  edit('Iris, changed after the plan', 'Iris, as code');
  const applied = await run(keys, 'apply', 'listings', '--plan', 'plan.json', '--auto-approve');
  assert.equal(applied.code, 0, applied.stderr);
  const again = await run(keys, 'apply', 'listings', '--plan', 'plan.json', '--auto-approve');
  assert.equal(again.code, 0, 'what is done already is no reason to refuse');
});

test('what somebody changed on the web is drift: shown with who, not undone unless that is said', async () => {
  const { id } = await iris();
  const draft = await api<Draft>(admins, 'GET', `/api/products/${id}/draft`);
  const listing = { ...draft.document.listing, title: 'By hand' };
  await api(admins, 'PUT', `/api/products/${id}/draft`, {
    version: draft.version,
    document: { ...draft.document, listing },
  });
  const { code, lines } = await planned();
  assert.equal(code, 2);
  assert.deepEqual(
    lines[0]?.drift.map((d) => [d.pointer, d.undone]),
    [['/listing/title', true]],
  );
  assert.equal(lines[0]?.changedBy, 'ada@example.org');
  const refused = await run(keys, 'apply', 'listings', '--auto-approve');
  assert.equal(refused.code, 6);
  assert.match(refused.stderr, /cli\.drift/);
  assert.equal((await iris()).title, 'By hand');
  const undone = await run(keys, 'apply', 'listings', '--auto-approve', '--overwrite-drift');
  assert.equal(undone.code, 0, undone.stderr);
  assert.equal((await iris()).title, 'Iris, as code');
});

test('two that apply different files at once: one wins, the other is told that the draft changed', async () => {
  cpSync(join(folder, 'listings'), join(folder, 'others'), { recursive: true });
  edit('Iris, as code', 'Iris of the one');
  const other = join(folder, 'others/iris/souk.yaml');
  writeFileSync(other, readFileSync(other, 'utf8').replace('Iris, as code', 'Iris of the other'));
  const ran = await Promise.all(
    ['listings', 'others'].map((f) => run(keys, 'apply', f, '--auto-approve', '--overwrite-drift', '--json')),
  );
  const codes = ran.map((r) => r.code);
  const titles = ['Iris of the one', 'Iris of the other'];
  if (codes.includes(6)) {
    const told = ran[codes.indexOf(6)]?.json[0] as { error: { code: string } } | undefined;
    const said = told?.error.code ?? ran[codes.indexOf(6)]?.stderr ?? '';
    assert.match(said, /product\.apply_conflict/);
    assert.equal((await iris()).title, titles[codes.indexOf(0)]);
  } else assert.deepEqual(codes, [0, 0], 'one after the other, each over what it had planned for');
  rmSync(join(folder, 'others'), { recursive: true });
  const settled = await run(keys, 'apply', 'listings', '--auto-approve', '--overwrite-drift');
  assert.equal(settled.code, 0, settled.stderr);
});

test('from the files to the buyers with one command and the limited key; run again it does nothing', async () => {
  const args = ['apply', 'listings', '--auto-approve', '--submit', '--sign-off', '--json'];
  const ran = await run(keys, ...args);
  assert.equal(ran.code, 0, ran.stderr);
  const [done] = ran.json as { submission: { id: string; state: string } }[];
  assert.equal(done?.submission.state, 'released');
  assert.equal((await iris()).state, 'live');
  const again = await run(keys, ...args);
  assert.equal(again.code, 0, again.stderr);
  assert.equal((again.json as { submission: { id: string } }[])[0]?.submission.id, done?.submission.id);
});

test('what is frozen by now is said by the plan, before anything is tried', async () => {
  const good = readFileSync(listing(), 'utf8');
  edit('mode: all', 'mode: selected\n  selected: [souk-home-1]');
  const { lines } = await planned();
  const findings = (lines[0] as unknown as { findings: { code: string; line: number }[] }).findings;
  assert.ok(findings.some((f) => f.code === 'frozen.regions' && f.line > 0));
  const ran = await run(keys, 'apply', 'listings', '--auto-approve');
  assert.equal(ran.code, 6);
  assert.match(ran.stderr, /product\.frozen/);
  writeFileSync(listing(), good);
});

test('a new version with changed bytes is registered once; the plan says so before, and knows it after', async () => {
  const good = readFileSync(listing(), 'utf8');
  // Another doc_string at the end: a valid ONNX file, and other bytes.
  const model = readFileSync(join(folder, 'listings/iris/model.onnx'));
  writeFileSync(
    join(folder, 'listings/iris/model-2.onnx'),
    Buffer.concat([model, Buffer.from([0x32, 0x02, 0x68, 0x69])]),
  );
  const tree = parse(good) as { versions: { number: string; model: { path: string } }[] };
  const [first = assert.fail()] = tree.versions;
  const second = { ...first, number: '1.1.0', model: { ...first.model, path: 'model-2.onnx' } };
  writeFileSync(listing(), stringify({ ...tree, versions: [first, second] }));
  const { lines } = await planned();
  assert.deepEqual(
    lines[0]?.changes.map((c) => c.pointer),
    ['/versions/1'],
  );
  assert.match(JSON.stringify(lines[0]?.changes[0]?.after), /registered when applied from model-2\.onnx/);
  const models = async () =>
    (await api<{ items: { name: string }[] }>(keys, 'GET', '/api/model-packages')).items.map((m) => m.name);
  assert.deepEqual(await models(), ['iris-classifier-1-0-0']);
  for (const _ of [1, 2]) {
    const ran = await run(keys, 'apply', 'listings', '--auto-approve');
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(await models(), ['iris-classifier-1-1-0', 'iris-classifier-1-0-0']);
  }
  assert.equal((await planned()).code, 0);
});

test('an export plans as unchanged, with a fresh key and from an empty folder', async () => {
  const out = await run(keys, 'export', 'iris-classifier', 'exported', '--json');
  assert.equal(out.code, 0, out.stderr);
  const again = await run(keys, 'export', 'iris-classifier', 'exported');
  assert.equal(again.code, 6);
  const plan = await run(keys, 'plan', 'exported', '--json');
  assert.deepEqual((plan.json[0] as PlanLine).changes, [], plan.stderr);
  assert.equal(plan.code, 0);
});

test('a mistake in a file ends a plan with 1, never with 2, and names the line', async () => {
  const good = readFileSync(listing(), 'utf8');
  edit('  title:', '  titel:');
  const ran = await run(keys, 'plan', 'listings');
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /listings\/iris\/souk\.yaml:\d+/);
  writeFileSync(listing(), good);
  assert.equal((await run(keys, 'plan', 'listings', '--no-such-option')).code, 1);
  cpSync(join(folder, 'listings/iris'), join(folder, 'listings/twin'), { recursive: true });
  const twice = await run(keys, 'plan', 'listings');
  assert.equal(twice.code, 1);
  assert.match(twice.stderr, /souk-yaml\.product_twice/);
  rmSync(join(folder, 'listings/twin'), { recursive: true });
});

test('the key does nothing else: no profile, no members, no other product', async () => {
  const { permissions } = await api<Session>(keys, 'GET', '/api/session');
  assert.ok(!permissions.some((p) => /^(publisher:update|member:|key:|subscription:|audit:)/.test(p)));
  assert.equal((await run(keys, 'members', 'list')).code, 4);
  assert.equal((await run(keys, 'products', 'create', 'another')).code, 4);
});
