import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { confine, findSandbox, probe } from './sandbox.ts';

const sandbox = await findSandbox();

test('without bubblewrap the status says what to install, and the command runs plainly', async () => {
  const missing = await probe('/nonexistent');
  assert.equal(missing.kind, 'none');
  assert.match(missing.kind === 'none' ? missing.reason : '', /bubblewrap .*not installed/);
  const plain = confine(missing, {
    command: ['/bin/sh', '-c', 'true'],
    readOnly: ['/x'],
    writable: [],
    environment: { A: '1' },
  });
  assert.deepEqual(plain, { file: '/bin/sh', args: ['-c', 'true'], env: { A: '1' } });
});

test('a bwrap that does not work is no sandbox, and the status has its words', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'souk-bwrap-'));
  writeFileSync(
    join(folder, 'bwrap'),
    '#!/bin/sh\necho "No permissions to create new namespace" >&2\nexit 1\n',
    {
      mode: 0o755,
    },
  );
  const status = await probe(folder);
  assert.equal(status.kind, 'none');
  assert.match(status.kind === 'none' ? status.reason : '', /No permissions to create new namespace/);
});

if (sandbox.kind === 'none') console.log(`NOT RUN: sandbox (${sandbox.reason})`);
else
  suite('a confined command', () => {
    const given = mkdtempSync(join(tmpdir(), 'souk-given-'));
    const writable = mkdtempSync(join(tmpdir(), 'souk-writable-'));
    const secret = mkdtempSync(join(tmpdir(), 'souk-secret-'));
    writeFileSync(join(given, 'file'), 'given');
    writeFileSync(join(secret, 'file'), 'secret');

    const confined = (...command: [string, ...string[]]) =>
      confine(sandbox, {
        command,
        readOnly: ['/usr/bin', process.execPath, given],
        writable: [writable],
        environment: { GIVEN: 'yes' },
      });
    const run = (script: string) => {
      const { file, args, env } = confined('/usr/bin/sh', '-c', script);
      const { status, stdout } = spawnSync(file, args, { env, encoding: 'utf8' });
      return { status, text: stdout.trim() };
    };

    test('reads what it was given, writes where it may, and sees nothing else', () => {
      assert.equal(run(`cat ${given}/file`).text, 'given');
      assert.notEqual(run(`echo x > ${given}/file`).status, 0);
      assert.equal(readFileSync(join(given, 'file'), 'utf8'), 'given');
      assert.equal(run(`echo out > ${writable}/file`).status, 0);
      assert.equal(readFileSync(join(writable, 'file'), 'utf8'), 'out\n');
      for (const path of [join(secret, 'file'), '/etc/passwd', '/root', import.meta.filename])
        assert.notEqual(run(`ls ${path}`).status, 0, path);
      assert.equal(run('echo x > /tmp/mine').status, 0);
      assert.equal(existsSync('/tmp/mine'), false);
    });

    test('has only the environment it was given', () => {
      assert.deepEqual(
        run('env')
          .text.split('\n')
          .map((line) => line.split('=')[0])
          .filter((name) => name !== 'PWD' && name !== '_')
          .sort(),
        ['GIVEN'],
      );
    });

    test('reaches no network, not even a server on this machine', async () => {
      const server = createServer((socket) => socket.end());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const interfaces = run('cat /proc/net/dev').text.split('\n').slice(2);
      assert.deepEqual(
        interfaces.map((line) => line.split(':')[0]?.trim()),
        ['lo'],
      );
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const connect = `require('net').connect(${port}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(7))`;
      const command = [process.execPath, '-e', connect] as const;
      const inside = confined(...command);
      assert.equal(await statusOf(inside.file, inside.args), 7);
      assert.equal(await statusOf(command[0], command.slice(1)), 0);
      server.close();
    });

    test('has no capabilities and sees no processes but its own', () => {
      assert.match(run('cat /proc/self/status').text, /^CapEff:\s+0+$/m);
      assert.ok(Number(run('ls /proc | grep -c "^[0-9]"').text) < 10);
    });
  });

function statusOf(file: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => spawn(file, args, { env: {}, stdio: 'ignore' }).once('exit', resolve));
}
