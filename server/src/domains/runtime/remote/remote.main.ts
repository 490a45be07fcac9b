import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { endWithParent } from '../../../platform/child.ts';
import { jsonLines } from '../model-server/log.ts';
import type { RemoteServer } from './remote.ts';
import { connectTo } from './remote-connection.ts';
import { remoteHandler } from './remote-handler.ts';
import { unwell } from './remote-health.ts';

/** What the keeper says on the first line of standard input: credentials have no place among arguments or in the environment. */
export interface RemoteTask {
  readonly server: RemoteServer;
  readonly outboundAllow: readonly string[];
  readonly unix: string;
  readonly bodyBytesMax: number;
  readonly healthEveryMs: number;
}

/** So many in a row, and the model is taken for lost: the deployment is then down, and tried again with growing pauses. */
const failuresMax = 3;

const [line] = await new Promise<string[]>((resolve) => {
  const lines = createInterface({ input: process.stdin });
  lines.once('line', (text) => {
    resolve([text]);
    lines.close();
  });
  lines.once('close', () => resolve(['']));
});
if (!line) process.exit(1);
const { server, outboundAllow, unix, bodyBytesMax, healthEveryMs } = JSON.parse(line) as RemoteTask;
const connection = connectTo(server, outboundAllow);
let lastFault = '';
let stopping = false;
const onFault = (message: string) => {
  // A server that is away is away for each of a thousand calls: once is enough until it says something else.
  if (message !== lastFault) jsonLines('warn', message);
  lastFault = message;
};
const handle = remoteHandler({ server, connection, bodyBytesMax, onFault });
const listening = createServer((incoming, outgoing) => {
  // Connections are kept open between calls; once it stops, each is closed with its last answer.
  outgoing.once('close', () => stopping && setImmediate(() => listening.closeIdleConnections()));
  void handle(incoming, outgoing);
});
listening.requestTimeout = 0;
listening.listen(unix);

function stop(): void {
  if (stopping) return;
  stopping = true;
  // Answers what was begun.
  listening.close(() => process.exit(0));
  listening.closeIdleConnections();
}
endWithParent(stop, 30_000);
process.once('SIGTERM', stop);

let failures = 0;
async function look(): Promise<void> {
  const why = await unwell(connection, server);
  failures = why === null ? 0 : failures + 1;
  if (why === null) lastFault = '';
  if (failures >= failuresMax) {
    jsonLines('error', `the model’s server is lost: ${why}`);
    process.exit(1);
  }
  setTimeout(() => void look(), healthEveryMs).unref();
}
setTimeout(() => void look(), healthEveryMs).unref();
