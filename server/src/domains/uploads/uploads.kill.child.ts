import { testPlatform, testServer } from '../../../test/platform.ts';
import { openDatabase } from '../../platform/db.ts';
import { newLog } from '../../platform/log.ts';
import { newUploadsService, uploadRoutes } from './index.ts';

// A server of uploads in a process of its own, for the test that kills it.
const [, , url = '', dataDir = '', member = '{}'] = process.argv;
const platform = testPlatform(
  { ...openDatabase(url, newLog('child', 'fatal')), url },
  { SOUK_DATA: dataDir },
);
const { app, send, listen } = testServer(platform, uploadRoutes(newUploadsService(platform), platform.blobs));
// Makes the member known to the server.
await send(JSON.parse(member), { method: 'GET', url: '/' });
process.stdout.write(`${await listen()}\n`);
await new Promise((resolve) => app.server.once('close', resolve));
