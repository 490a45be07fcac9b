import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { findSandbox, type Sandbox } from '../../platform/sandbox.ts';
import { processTree } from './memory-limit.ts';
import { identityModel, modelFolder, slowModel } from './model-server/testing.ts';
import { startModelServer } from './onnx-backend.ts';

const folder = modelFolder({ x: identityModel(1, ['N', 2]), slow: slowModel(), bf16: identityModel(16) });
const socketDir = mkdtempSync(join(tmpdir(), 's-'));

function call(unix: string, model: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = `/v2/models/${model}/infer`;
    const sent = request({ socketPath: unix, path, method: 'POST' }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve(text);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const square = (side: number) =>
  `{"inputs":[{"name":"shape","datatype":"INT64","shape":[2],"data":[${side},${side}]}]}`;

const found = await findSandbox();
const plain: Sandbox = { kind: 'none', reason: 'this test runs plainly' };
if (found.kind === 'none') console.log(`NOT RUN: model servers in a sandbox (${found.reason})`);

for (const sandbox of found.kind === 'none' ? [plain] : [found, plain])
  suite(`a model server started with sandbox ${sandbox.kind}`, () => {
    const lines: string[] = [];
    const start = (models: readonly string[], memoryBytesMax = 1_500_000_000) =>
      startModelServer({
        models: models.map((name) => ({ name, path: join(folder, name) })),
        memoryBytesMax,
        threads: 1,
        socketDir,
        sandbox,
        log: (_level, message) => lines.push(message),
      });

    test('answers once ready, forwards its log, and leaves nothing behind when it is stopped', async () => {
      const server = start(['x', 'slow']);
      await server.ready;
      const answer = await call(
        server.address.unix,
        'x',
        '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}',
      );
      assert.match(answer, /"data":\[1,2\]/);
      assert.ok(lines.includes('model "x" is loaded'));
      const tree = processTree(server.pid);
      const exit = await server.stop();
      assert.deepEqual(exit, { code: 0, signal: null, reason: 'stopped', message: '' });
      for (const pid of tree) assert.equal(existsSync(`/proc/${pid}/exe`), false);
      assert.deepEqual(readdirSync(socketDir), []);
    });

    test('a model that cannot be loaded rejects ready with the reason of the server', async () => {
      const server = start(['bf16']);
      await assert.rejects(server.ready, /model "bf16" .* is of type BFLOAT16/);
      assert.equal((await server.exited).reason, 'not-ready');
    });

    test('a call that takes more memory than allowed ends the server with reason memory', async () => {
      const server = start(['slow'], 400_000_000);
      await server.ready;
      // 4 x 200 MB for the matrix and its product.
      await assert.rejects(call(server.address.unix, 'slow', square(8000)));
      const exit = await server.exited;
      assert.equal(exit.reason, 'memory');
      assert.match(exit.message, /where the instance type allows 400 MB/);
    });

    test('a server that dies by itself is reported as crashed', async () => {
      const server = start(['x']);
      await server.ready;
      for (const pid of processTree(server.pid).reverse()) process.kill(pid, 'SIGKILL');
      assert.equal((await server.exited).reason, 'crashed');
      assert.deepEqual(readdirSync(socketDir), []);
    });

    test('a call that does not end in the time given for stopping is cut off', async () => {
      const server = start(['slow']);
      await server.ready;
      const cut = assert.rejects(call(server.address.unix, 'slow', square(9000)));
      await new Promise((resolve) => setTimeout(resolve, 200));
      const exit = await server.stop(100);
      assert.deepEqual([exit.reason, exit.signal], ['stopped', 'SIGKILL']);
      await cut;
    });
  });

test('a socket folder too deep for a socket is refused in words', () => {
  const deep = mkdtempSync(join(tmpdir(), 'd'.repeat(100)));
  assert.throws(
    () =>
      startModelServer({
        models: [],
        memoryBytesMax: 1,
        socketDir: deep,
        sandbox: plain,
        log: () => undefined,
      }),
    /longer than 107 bytes: choose a shorter data folder/,
  );
});
