import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { newLog } from './log.ts';
import { openNotifications } from './notify.ts';

test('while the database is away there is one attempt at a time, however long it lasts', async () => {
  let attempts = 0;
  const server = createServer((socket) => {
    attempts++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  const notifications = openNotifications(`postgres://u:p@127.0.0.1:${port}/x`, newLog('test', 'silent'));
  notifications.listen('a', () => {});
  notifications.listen('b', () => {});
  await new Promise((resolve) => setTimeout(resolve, 2200));
  await notifications.close();
  server.close();
  assert.ok(attempts >= 3 && attempts <= 10, `${attempts} attempts in 2.2 s`);
});
