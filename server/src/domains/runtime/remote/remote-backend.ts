import { fileURLToPath } from 'node:url';
import type { ServingBackend } from '../servable.ts';
import { ownFolder, serveAsChild } from '../served-child.ts';
import type { RemoteTask } from './remote.main.ts';
import type { RemoteServer } from './remote.ts';

export interface RemoteBackendOptions {
  /** The registered server with its credentials opened; undefined when it is not registered any more. */
  readonly find: (serverId: string) => Promise<RemoteServer | undefined>;
  readonly outboundAllow: readonly string[];
  readonly bodyBytesMax: number;
  readonly socketDir: string;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  readonly healthEveryMs?: number;
}

const program = fileURLToPath(new URL('./remote.main.ts', import.meta.url));
const readyTimeoutMs = 60_000;
const stopGraceMs = 25_000;

/** Models on servers that already run. What is started here is small: it signs in, translates, and watches the server's health. */
export function remoteBackend(options: RemoteBackendOptions): ServingBackend {
  return {
    kind: 'remote',
    unavailable: async () => null,
    async start({ servable, onLog, startTimeoutMs }) {
      if (servable.kind !== 'remote') throw new Error(`the remote backend cannot serve ${servable.kind}`);
      const server = await options.find(servable.serverId);
      if (!server) throw new Error(`the server ${servable.serverId} is not registered any more`);
      const { folder, unix } = ownFolder(options.socketDir);
      const task: RemoteTask = {
        server,
        outboundAllow: options.outboundAllow,
        unix,
        bodyBytesMax: options.bodyBytesMax,
        healthEveryMs: options.healthEveryMs ?? 10_000,
      };
      return serveAsChild({
        spawnable: { file: process.execPath, args: [program], env: { TZ: 'UTC' } },
        folder,
        sandbox: 'none: it runs on a server of its own',
        onLog: (level, message) => {
          options.log(level, message);
          onLog?.(message);
        },
        readyTimeoutMs: startTimeoutMs ?? readyTimeoutMs,
        stopGraceMs,
        firstLine: JSON.stringify(task),
      });
    },
  };
}
