import { newLog } from '../../platform/log.ts';
import type { NewDataPlane } from './data-plane.ts';
import { newHandler } from './gateway.handler.ts';
import { startSync } from './gateway.sync.ts';
import type { GatewaySettings } from './gateway.ts';
import { listenOnBun, listenOnNode } from './listen.ts';
import { bunSend, nodeSend, runsOnBun } from './upstream.ts';

// Together less than the 15 s after which our keeper kills us.
const graceMs = 9_000;
const syncStopMs = 4_000;

export interface RunningGateway {
  readonly port: number;
  /** Takes no more requests, waits for those under way, and hands usage in. */
  end(): Promise<void>;
}

/** The gateway in this process. */
export async function runGateway(
  settings: GatewaySettings,
  logLevel: string,
  planes: readonly NewDataPlane[],
): Promise<RunningGateway> {
  const log = newLog('gateway', logLevel);
  const sync = startSync(settings, log);
  const handler = newHandler(settings, sync, runsOnBun ? bunSend : await nodeSend(), planes);
  const listening = runsOnBun
    ? listenOnBun(handler, settings.host, settings.port)
    : await listenOnNode(handler, settings.host, settings.port);
  return {
    port: listening.port,
    async end() {
      await listening.stop(graceMs);
      // Bounded: with the database away the files stay on disk and are ingested at the next start.
      await Promise.race([sync.stop(), new Promise((resolve) => setTimeout(resolve, syncStopMs))]);
    },
  };
}
