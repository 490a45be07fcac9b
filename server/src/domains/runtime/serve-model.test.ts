import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { identityModel, modelFolder } from './model-server/testing.ts';
import { serveModel } from './serve-model.ts';

const folder = modelFolder({
  good: identityModel(1),
  'good/fraud': identityModel(1),
  bf16: identityModel(16),
  'other/good': identityModel(1),
});

function options(strict: boolean, lines: string[]) {
  return {
    address: { host: '127.0.0.1', port: 0 },
    threads: 1,
    bodyBytesMax: 1000,
    strict,
    log: (level: string, message: string) => lines.push(`${level}: ${message}`),
  };
}

test('folders and files are served under their names, and a bad one takes no other down', async () => {
  const lines: string[] = [];
  const paths = [
    join(folder, 'good'),
    join(folder, 'good/fraud/model.onnx'),
    join(folder, 'bf16'),
    '/nope/gone.onnx',
  ];
  const server = await serveModel(paths, options(false, lines));
  const { address } = server.listener;
  const url = 'port' in address ? `http://127.0.0.1:${address.port}` : '';
  const status = async (path: string) => (await fetch(`${url}${path}`)).status;
  assert.equal(await status('/v2/health/ready'), 200);
  assert.equal(await status('/v2/models/good/ready'), 200);
  assert.equal(await status('/v2/models/fraud/ready'), 200);
  assert.equal(await status('/v2/models/bf16/infer'), 405);
  const broken = await fetch(`${url}/v2/models/bf16/infer`, { method: 'POST', body: '{}' });
  assert.equal(broken.status, 503);
  assert.match(await broken.text(), /BFLOAT16/);
  assert.equal(await status('/v2/models/gone'), 503);
  assert.ok(lines.some((line) => /^error: bf16: cannot be served\. .*BFLOAT16/.test(line)));
  assert.ok(lines.some((line) => /^error: gone: cannot be served\. .*does not exist/.test(line)));
  await server.stop();
});

test('two paths of one name are refused with both', async () => {
  const paths = [join(folder, 'good'), join(folder, 'other/good/')];
  await assert.rejects(
    serveModel(paths, options(false, [])),
    /good and .*other\/good\/ would both be served as "good"/,
  );
});

test('strict fails on the first bad model, and so does a server that would serve none', async () => {
  await assert.rejects(
    serveModel([join(folder, 'good'), join(folder, 'bf16')], options(true, [])),
    /1 of 2 models cannot be served, and --strict was given/,
  );
  await assert.rejects(
    serveModel([join(folder, 'bf16')], options(false, [])),
    /none of the models can be served/,
  );
});

test('the command prints where it serves, and ends with its parent', async () => {
  const bun = fileURLToPath(new URL('../../../../node_modules/bun/bin/bun.exe', import.meta.url));
  const main = fileURLToPath(new URL('./serve-model.main.ts', import.meta.url));
  const child = spawn(
    existsSync(bun) ? bun : process.execPath,
    [main, join(folder, 'good'), '--port', '0', '--exit-with-parent'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += chunk;
    const url = /^Models are served at (\S+)$/m.exec(text)?.[1];
    if (url === undefined || !child.stdin.writable) continue;
    assert.equal((await fetch(`${url}/v2/models/good/ready`)).status, 200);
    child.stdin.end();
  }
  assert.match(text, /^good: http:\S+\/v2\/models\/good\/infer$/m);
});
