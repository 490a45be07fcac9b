import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, type ErrorKind, errorKinds, errorRegistry } from '@souk/contract';
import { Refusal, serveContract } from './testing/contract-server.ts';
import { runSouk } from './testing/run-souk.ts';
import { catalogProduct, digest, product } from './testing/samples.ts';

const codeOf = (kind: ErrorKind) =>
  (Object.entries(errorRegistry) as [ErrorCode, { kind: ErrorKind }][]).find(([, d]) => d.kind === kind)?.[0];

for (const [kind, { exitCode }] of Object.entries(errorKinds) as [ErrorKind, { exitCode: number }][])
  test(`an error of kind ${kind} ends the program with ${exitCode}, saying code, message, remedy and request`, async () => {
    const code = codeOf(kind);
    assert.ok(code, `no error of kind ${kind}`);
    const finding = {
      rule: 'r',
      code: 'a.finding',
      severity: 'error' as const,
      file: null,
      pointer: '/listing/title',
      line: null,
      message: 'What is wrong.',
      remedy: 'What to do.',
    };
    await using server = await serveContract({
      deleteProduct: () => {
        throw new Refusal(code, [finding]);
      },
      getProduct: () => product(),
    });
    const argv = ['products', 'delete', product().id];
    const human = await runSouk(argv, { url: server.url });
    assert.equal(human.code, exitCode);
    assert.equal(human.stdout, '');
    for (const part of [code, '/listing/title', 'What is wrong.', '→ What to do.', 'request req-1'])
      assert.ok(human.stderr.includes(part), `${part} in:\n${human.stderr}`);
    const machine = await runSouk([...argv, '--json'], { url: server.url });
    assert.equal(machine.code, exitCode);
    const { error } = JSON.parse(machine.stderr) as { error: Record<string, unknown> };
    assert.deepEqual([error.code, error.kind, error.findings], [code, kind, [finding]]);
    // A deletion may have worked although its answer was an error: it is never sent twice.
    assert.equal(server.log.filter((line) => line.startsWith('DELETE')).length, 2);
  });

async function closedServer() {
  const server = await serveContract({});
  await server[Symbol.asyncDispose]();
  return server;
}

test('a Souk that does not run is named with its address and how to start it', async () => {
  const { url } = await closedServer();
  const ran = await runSouk(['products', 'list'], { url });
  assert.equal(ran.code, 9);
  assert.ok(ran.stderr.includes(`${url} (ECONNREFUSED)`), ran.stderr);
  assert.match(ran.stderr, /npm start/);
});

test('a page that is not Souk’s own is told by its status', async () => {
  await using server = await serveContract({}, (_, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nothing here</h1>');
  });
  const ran = await runSouk(['products', 'list'], { url: server.url });
  assert.equal(ran.code, 5);
  assert.match(ran.stderr, /http\.404/);
});

test('reading is tried again after a passing fault, and then gives up', async () => {
  let faults = 2;
  await using server = await serveContract({
    listProducts: () => {
      if (faults-- > 0) throw new Refusal('system.unavailable');
      return { items: [product()], nextCursor: null };
    },
  });
  const ran = await runSouk(['products', 'list', '--json'], { url: server.url });
  assert.equal(ran.code, 0);
  assert.equal(server.log.length, 3);
});

test('mistakes on the command line end with 2 and name what was near', async () => {
  for (const [argv, wanted] of [
    [['models', 'list', '--staus', 'Failed'], /Did you mean --status\?/],
    [['serch'], /Did you mean search\?/],
    [['models', 'list', '--status', 'Done'], /Allowed choices are Pending/],
    [['models', 'push', 'model.onnx'], /--name <name>.* not specified/],
    [['products', 'list', '--limit', 'many'], /not a whole number/],
    [['products', 'list', '--key', 'k', '--as', 'buyer'], /three ways/],
    [['products', 'list', '--url', 'ftp://x'], /not the address/],
    [['members', 'set', 'ada@example.com', '--role', 'king'], /no role king/],
    [['show', 'iris'], /publisher\/product/],
  ] as const) {
    const ran = await runSouk(argv, { url: 'http://127.0.0.1:1' });
    assert.equal(ran.code, 2, `${argv.join(' ')}: ${ran.stderr}`);
    assert.match(ran.stderr, wanted);
  }
  const machine = await runSouk(['serch', '--json']);
  assert.equal((JSON.parse(machine.stderr) as { error: { code: string } }).error.code, 'cli.usage');
});

test('Ctrl-C ends with 130 and says nothing more', async () => {
  const interrupt = new AbortController();
  await using server = await serveContract({
    listProducts: async () => {
      interrupt.abort(new Error('interrupted'));
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { items: [], nextCursor: null };
    },
  });
  const ran = await runSouk(['products', 'list'], { url: server.url, signal: interrupt.signal });
  assert.deepEqual([ran.code, ran.stdout, ran.stderr], [130, '', '']);
});

test('subscribing without accepting the licence ends with 7, before anything is agreed to', async () => {
  await using server = await serveContract({
    getCatalogProduct: () => catalogProduct,
  });
  const ran = await runSouk(['subscribe', 'fisher-lab/iris', '--plan', 'free'], { url: server.url });
  assert.equal(ran.code, 7);
  assert.match(ran.stderr, new RegExp(digest));
  assert.match(ran.stderr, /souk show fisher-lab\/iris --eula/);
  assert.deepEqual(server.log, ['GET /api/catalog/products/fisher-lab/iris']);
});
