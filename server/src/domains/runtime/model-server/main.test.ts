import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ping } from '../ping.ts';
import { identityModel, modelFolder, slowModel } from './testing.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const bun = fileURLToPath(new URL('../../../../../node_modules/bun/bin/bun.exe', import.meta.url));
const folder = modelFolder({ x: identityModel(1, ['N', 2]), slow: slowModel(), bf16: identityModel(16) });

for (const [name, runtime] of [
  ['Bun', bun],
  ['Node', process.execPath],
] as const)
  suite(`the process on ${name}`, () => {
    const home = mkdtempSync(join(tmpdir(), 'souk-home-'));
    const start = (...args: string[]) => {
      const env: Record<string, string> = { HOME: home, PATH: process.env.PATH ?? '' };
      const child = spawn(runtime, [main, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      return { child, ended, lines: linesOf(child) };
    };
    const served = (path: string) => `x=${join(folder, path)}`;

    test('finishes the calls it has begun when it is told to stop, and takes no more', async () => {
      const { child, ended, lines } = start('--model', served('slow'), '--port', '0', '--threads', '1');
      const url = await listening(lines);
      const call = (side: number) =>
        fetch(`${url}/v2/models/x/infer`, {
          method: 'POST',
          body: `{"inputs":[{"name":"shape","datatype":"INT64","shape":[2],"data":[${side},${side}]}]}`,
        });
      // Slow enough, often enough: from here on the model runs in its own thread.
      for (let i = 0; i < 4; i++) assert.equal((await call(1600)).status, 200);
      const begun = [call(3500), call(3500)];
      await new Promise((resolve) => setTimeout(resolve, 100));
      child.kill('SIGTERM');
      for (const response of await Promise.all(begun)) {
        assert.equal(response.status, 200);
        assert.match(await response.text(), /"data":\[0\]/);
      }
      assert.equal(await ended, 0);
      await assert.rejects(fetch(`${url}/ping`));
    });

    test('answers on a socket that its log does not name, and ends when standard input closes, if it was told to', async () => {
      const socket = join(mkdtempSync(join(tmpdir(), 's-')), 's');
      const { child, ended, lines } = start('--model', served('x'), '--unix', socket, '--exit-with-parent');
      const all = Array.fromAsync(lines);
      while (!(await ping(socket))) await new Promise((resolve) => setTimeout(resolve, 20));
      child.stdin?.end();
      assert.equal(await ended, 0);
      const said = (await all).join('\n');
      assert.match(said, /standard input is closed/);
      assert.ok(!said.includes(socket), said);
    });

    test('a model that cannot be loaded ends it with the reason', async () => {
      const { ended, lines } = start('--model', served('bf16'), '--port', '0');
      let last = '';
      for await (const line of lines) last = line;
      assert.equal(await ended, 1);
      const { level, message } = JSON.parse(last) as { level: string; message: string };
      assert.equal(level, 'error');
      assert.match(message, /model "x" .* could not be loaded: input "x" is of type BFLOAT16/);
    });

    test('a body over the limit is refused with 413 before it is read, and the next call is answered', async () => {
      const { child, ended, lines } = start(
        '--model',
        served('x'),
        '--port',
        '0',
        '--body-bytes-max',
        '1000000',
      );
      const url = await listening(lines);
      const send = (body: string) =>
        fetch(`${url}/invocations`, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
        });
      const response = await send(`[[1,${'0'.repeat(1_500_000)}]]`);
      assert.equal(response.status, 413);
      assert.match(await response.text(), /at most 1000000 bytes/);
      assert.equal(await (await send(`[[1,${' '.repeat(900_000)}2]]`)).text(), '{"predictions":[[1,2]]}');
      child.kill('SIGTERM');
      assert.equal(await ended, 0);
    });

    test('wrong arguments are refused in words', async () => {
      for (const [args, words] of [
        [['--port', '0'], /name at least one model/],
        [['--model', 'x=y'], /give either --unix or --port/],
        [['--model', 'x', '--port', '0'], /--model takes NAME=PATH/],
        [['--model', 'x=y', '--port', 'z'], /--port takes a whole number/],
        [['--model', 'x=y', '--port', '0', '--threads', '0'], /--threads takes a whole number from 1 on/],
        [['--model', 'x=y', '--port', '0', '--default', 'z'], /no model is called "z"/],
        [['--model', 'x=y', '--model', 'x=z', '--port', '0'], /two models are called "x"/],
      ] as const) {
        const { ended, lines } = start(...args);
        let last = '';
        for await (const line of lines) last = line;
        assert.equal(await ended, 1);
        assert.match((JSON.parse(last) as { message: string }).message, words);
      }
    });

    // After the others, whose sessions would have left their traces.
    test('onnxruntime keeps no identity and no usage data of the machine', () => {
      assert.equal(existsSync(join(home, '.cache', 'Microsoft')), false, `${readdirSync(home)}`);
    });
  });

function linesOf(child: ChildProcess): AsyncIterable<string> {
  return createInterface({ input: child.stdout ?? process.stdin });
}

async function listening(lines: AsyncIterable<string>): Promise<string> {
  let url = '';
  for await (const line of lines) {
    const { message } = JSON.parse(line) as { message: string };
    url = /^listening on (\S+)$/.exec(message)?.[1] ?? url;
    if (message.endsWith('is loaded')) break;
  }
  return url;
}
