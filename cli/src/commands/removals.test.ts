import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finding, type Removal } from '@souk/contract';
import { type Handlers, Refusal, serveContract } from '../testing/contract-server.ts';
import { runSouk, temporaryFolder } from '../testing/run-souk.ts';
import { at, id, product } from '../testing/samples.ts';

const env = { SOUK_API_KEY: 'souk_k' };
const removal = (given: Partial<Removal> = {}): Removal => ({
  id: id('rem'),
  productId: id('prd'),
  publisher: 'fisher-lab',
  product: 'iris',
  title: 'Iris',
  kind: 'unpublish',
  state: 'leaving',
  email: 'ada@example.com',
  reason: 'Old.',
  replacement: null,
  requestedBy: 'ada@example.com',
  requestedAt: at,
  cancellableUntil: at,
  endsAt: at,
  subscribers: 2,
  endedBy: null,
  endedReason: null,
  endedAt: null,
  ...given,
});
const own: Handlers = { listProducts: () => ({ items: [product({ slug: 'iris' })], nextCursor: null }) };
const souk = async (handlers: Handlers, argv: string[], more: object = {}) => {
  await using server = await serveContract({ ...own, ...handlers });
  return await runSouk([...argv], { url: server.url, env, ...more });
};

test('unpublish sends address, reason and replacement, and says until when and how to think better of it', async () => {
  let sent: unknown;
  const argv = [
    'unpublish',
    'iris',
    '--email',
    'ada@example.com',
    '--reason',
    'Old.',
    '--replacement',
    'a/b',
  ];
  const ran = await souk(
    {
      unpublishProduct: ({ body }) => {
        sent = body;
        return removal();
      },
    },
    argv,
  );
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(sent, { email: 'ada@example.com', reason: 'Old.', replacement: 'a/b' });
  assert.match(ran.stdout, /subscribers served until/);
  assert.match(ran.stderr, /souk unpublish iris --cancel/);
});

test('unpublish without an address or a reason is misuse, and asks no server', async () => {
  for (const argv of [
    ['unpublish', 'iris'],
    ['unpublish', 'iris', '--email', 'ada@example.com'],
  ])
    assert.equal((await souk({}, argv)).code, 2);
});

test('a removal that nobody asked for is missing, one that may no longer be cancelled a conflict', async () => {
  assert.equal(
    (await souk({ getRemoval: () => ({ removal: null }) }, ['unpublish', 'iris', '--show'])).code,
    5,
  );
  const late = () => {
    throw new Refusal('removal.cancel_too_late');
  };
  assert.equal((await souk({ cancelRemoval: late }, ['unpublish', 'iris', '--cancel'])).code, 6);
});

test('take-down names the product by its address; restore finds the take-down that holds', async () => {
  let [taken, restored]: unknown[] = [];
  const handlers: Handlers = {
    takeDownProduct: ({ body }) => {
      taken = body;
      return removal({ kind: 'take-down', state: 'down' });
    },
    listRemovals: () => ({
      items: [removal({ id: id('rem', 7), kind: 'take-down', state: 'down' })],
      nextCursor: null,
    }),
    restoreProduct: ({ params }) => {
      restored = params;
      return removal({ state: 'restored' });
    },
  };
  assert.equal((await souk(handlers, ['take-down', 'fisher-lab/iris', '--reason', 'Harmful'])).code, 0);
  assert.deepEqual(taken, { product: 'fisher-lab/iris', reason: 'Harmful' });
  assert.equal(
    (await souk(handlers, ['take-down', 'fisher-lab/iris', '--restore', '--reason', 'Mended'])).code,
    0,
  );
  assert.deepEqual(restored, { removalId: id('rem', 7) });
  assert.equal((await souk(handlers, ['take-down', 'other/iris', '--restore', '--reason', 'x'])).code, 5);
});

test('an audience is exported as it is, and wrong lines of an import are named with file and line', async () => {
  const csv = 'accountId,note\r\n123456789012,Ada\r\n';
  const handlers: Handlers = {
    exportBuyers: ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/csv' }).end(csv);
      return undefined;
    },
    importBuyers: () => {
      throw new Refusal('audience.csv_invalid', [
        finding({
          rule: 'audience-csv',
          code: 'audience.account_id',
          severity: 'error',
          line: 3,
          message: 'Wrong.',
          remedy: 'Mend it.',
        }),
      ]);
    },
  };
  const folder = temporaryFolder();
  const cwd = folder.path;
  assert.equal(
    (await souk(handlers, ['audience', 'export', 'iris', '--out', 'buyers.csv'], { cwd })).code,
    0,
  );
  assert.equal(readFileSync(join(cwd, 'buyers.csv'), 'utf8'), csv);
  const ran = await souk(handlers, ['audience', 'import', 'iris', 'buyers.csv'], { cwd });
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /buyers\.csv:3/);
});
