import { newLog } from '../../platform/log.ts';
import { newHandler } from './gateway.handler.ts';
import { startSync } from './gateway.sync.ts';
import type { GatewaySettings } from './gateway.ts';
import { listenOnBun, listenOnNode } from './listen.ts';
import { bunSend, nodeSend, runsOnBun } from './upstream.ts';

/** The gateway as a process. Its settings come as JSON in SOUK_GATEWAY, from the process that keeps it. */
const settings = JSON.parse(process.env.SOUK_GATEWAY ?? '') as GatewaySettings;
const log = newLog('gateway', process.env.SOUK_LOG || 'warn');
// Together less than the 15 s after which our keeper kills us.
const graceMs = 9_000;
const syncStopMs = 4_000;

const sync = startSync(settings, log);
const handler = newHandler(settings, sync, runsOnBun ? bunSend : await nodeSend());
const listening = runsOnBun
  ? listenOnBun(handler, settings.host, settings.port)
  : await listenOnNode(handler, settings.host, settings.port);
process.stdout.write(`${JSON.stringify({ ready: true, port: listening.port })}\n`);

let ending = false;
async function end() {
  if (ending) return;
  ending = true;
  await listening.stop(graceMs);
  // Bounded: with the database away the files stay on disk and are ingested at the next start.
  await Promise.race([sync.stop(), new Promise((resolve) => setTimeout(resolve, syncStopMs))]);
  process.exit(0);
}
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());
if (process.argv.includes('--exit-with-parent')) {
  process.stdin.resume();
  process.stdin.once('end', () => void end());
  process.stdin.once('error', () => void end());
}
