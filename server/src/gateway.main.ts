// The file itself: the index is also what the control plane reads, which listens on nothing here.
import type { GatewaySettings } from './domains/gateway/index.ts';
import { runGateway } from './domains/gateway/run.ts';
import { dataPlanes } from './gateway.ts';

/** The gateway as a process. Its settings come as JSON in SOUK_GATEWAY, from the process that keeps it. */
const settings = JSON.parse(process.env.SOUK_GATEWAY ?? '') as GatewaySettings;
const gateway = await runGateway(settings, process.env.SOUK_LOG || 'warn', dataPlanes(settings));
process.stdout.write(`${JSON.stringify({ ready: true, port: gateway.port })}\n`);

let ending = false;
async function end() {
  if (ending) return;
  ending = true;
  await gateway.end();
  process.exit(0);
}
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());
if (process.argv.includes('--exit-with-parent')) {
  process.stdin.resume();
  process.stdin.once('end', () => void end());
  process.stdin.once('error', () => void end());
}
