// The files themselves, not the domains' indexes: this runs in the process that stays small.
import { ensureUnpacked } from './domains/models/models.unpacked.ts';
import { removeSocketsLeft, startModelServer } from './domains/runtime/onnx-backend.ts';
import { startRunner } from './domains/runtime/runtime.runner.ts';
import type { StartModel } from './domains/runtime/runtime.ts';
import { localBlobs } from './platform/blobs.ts';
import { type Config, folders } from './platform/config.ts';
import type { Db } from './platform/db.ts';
import type { Log } from './platform/log.ts';
import type { Notifications } from './platform/notify.ts';
import { findSandbox } from './platform/sandbox.ts';

/** Starts ONNX models in sandboxes on this machine. */
export async function onnxStarter(config: Config, log: Log): Promise<StartModel> {
  const sandbox = await findSandbox();
  const socketDir = folders(config.dataDir).sockets;
  removeSocketsLeft(socketDir);
  return async ({ name, path, memoryBytesMax, threads }) => {
    const server = startModelServer({
      models: [{ name, path }],
      memoryBytesMax,
      threads,
      bodyBytesMax: config.payloadBytesMax,
      socketDir,
      sandbox,
      log: (level, message) => log[level]({ model: name }, message),
    });
    return {
      pid: server.pid,
      address: server.address,
      sandbox: sandbox.kind === 'bubblewrap' ? `bubblewrap ${sandbox.version}` : `none: ${sandbox.reason}`,
      ready: server.ready,
      exited: server.exited.then((e) => ({
        reason: e.reason === 'memory' || e.message ? e.message : `${e.reason} (${e.signal ?? e.code})`,
        kind: e.reason,
      })),
      stop: async () => void (await server.stop()),
    };
  };
}

/** The models of this machine. */
export async function startNodeRunner(config: Config, db: Db, notifications: Notifications, log: Log) {
  const blobs = localBlobs(folders(config.dataDir).blobs);
  return startRunner({
    db,
    notifications,
    log,
    node: config.nodeName,
    start: await onnxStarter(config, log),
    packagePath: (sha256) => ensureUnpacked({ config, db, blobs }, sha256),
  });
}
