import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Upload } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { folders } from '../../platform/config.ts';
import { newUploadsService, uploadRoutes } from './index.ts';

const database = await testDatabase();
const platform = testPlatform(database);
const { send } = testServer(platform, uploadRoutes(newUploadsService(platform), platform.blobs));
const publisher = await testMember(database.db);

/** A second process on the same database and data folder. */
async function startChild() {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('./uploads.kill.child.ts', import.meta.url)),
      database.url,
      platform.config.dataDir,
      JSON.stringify(publisher),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith('http')) return { child, address: new URL(line) };
  throw new Error('the child did not start');
}

test('SIGKILL in the middle of a part: what was written stays, and another process ends the upload rightly', async () => {
  const content = randomBytes(20_000_000);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const upload = (
    await send(publisher, {
      method: 'POST',
      url: '/api/uploads',
      payload: { fileName: 'model.onnx', purpose: 'model', sizeBytes: content.length, sha256 },
    })
  ).json<Upload>();
  const { child, address } = await startChild();
  const socket = connect(Number(address.port), address.hostname);
  socket.on('error', () => undefined);
  socket.write(
    `PATCH /api/uploads/${upload.id}?offset=0 HTTP/1.1\r\nhost: souk\r\nx-test-caller: ${publisher.accountId}/${publisher.personId}\r\n` +
      `content-type: application/octet-stream\r\ncontent-length: ${content.length}\r\n\r\n`,
  );
  socket.write(content.subarray(0, 15_000_000));
  const file = join(folders(platform.config.dataDir).uploads, upload.id);
  let size = 0;
  for (let i = 0; i < 400 && size < 5_000_000; i++) {
    size = await stat(file).then(
      (s) => s.size,
      () => 0,
    );
    await sleep(5);
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  socket.destroy();
  ({ size } = await stat(file));
  assert.ok(size >= 5_000_000, `${size} bytes were written before the kill`);

  const found = (await send(publisher, { method: 'GET', url: `/api/uploads/${upload.id}` })).json<Upload>();
  assert.deepEqual([found.offset, found.state], [size, 'receiving']);
  const ended = await send(publisher, {
    method: 'PATCH',
    url: `/api/uploads/${upload.id}?offset=${size}`,
    headers: { 'content-type': 'application/octet-stream' },
    payload: content.subarray(size),
  });
  assert.deepEqual([ended.json<Upload>().state, ended.json<Upload>().sha256], ['complete', sha256]);
});
