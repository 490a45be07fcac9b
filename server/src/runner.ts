// The files themselves, not the domains' indexes: this runs in the process that stays small.
import { containersHere, keepImagesTidy } from './containers.ts';
import { startEndpointController } from './domains/endpoints/endpoints.controller.ts';
import { startEndpointRunner } from './domains/endpoints/endpoints.runner.ts';
import { newMeter } from './domains/instances/instances.meter.ts';
import {
  ensureUnpacked,
  ensureUnpackedContents,
  ensureUnpackedProgram,
} from './domains/models/models.unpacked.ts';
import { removeSocketsLeft, startModelServer } from './domains/runtime/onnx-backend.ts';
import { programBackend } from './domains/runtime/process/program-serving.ts';
import { remoteBackend } from './domains/runtime/remote/remote-backend.ts';
import { startRunner } from './domains/runtime/runtime.runner.ts';
import { type ServingBackend, type StartServable, startServables } from './domains/runtime/servable.ts';
import { openServer } from './domains/servers/servers.open.ts';
import type { Blobs } from './platform/blobs.ts';
import { openBlobs } from './platform/blobs-open.ts';
import { systemClock } from './platform/clock.ts';
import { type Config, folders } from './platform/config.ts';
import type { Db } from './platform/db.ts';
import type { Log } from './platform/log.ts';
import type { Notifications } from './platform/notify.ts';
import { findSandbox } from './platform/sandbox.ts';
import { newSealer, ownKeys } from './platform/seal.ts';

interface Here {
  readonly config: Config;
  readonly db: Db;
  readonly blobs: Blobs;
  readonly imageParts: Blobs;
  readonly log: Log;
}

/** What this node can start things with; one table for deployments, trials and jobs. */
export const backendsHere = async (here: Here): Promise<ServingBackend[]> => [
  await onnxBackend(here),
  remoteHere(here),
  containersHere(here),
  programsHere(here),
];

export const startHere = async (here: Here): Promise<StartServable> =>
  startServables(await backendsHere(here));

/** Starts ONNX models in sandboxes on this machine. */
async function onnxBackend({ config, db, blobs, log }: Here): Promise<ServingBackend> {
  const sandbox = await findSandbox();
  const socketDir = folders(config.dataDir).sockets;
  removeSocketsLeft(socketDir);
  const start: StartServable = async ({ name, servable, instance, unpacked, ...request }) => {
    if (servable.kind !== 'onnx') throw new Error(`the ONNX runner cannot serve ${servable.kind}`);
    const path = unpacked ?? (await ensureUnpacked({ config, db, blobs }, servable.packageSha256));
    const server = startModelServer({
      models: [{ name: servable.modelName, path }],
      batching: servable.batching,
      memoryBytesMax: instance.memoryMb * 1024 * 1024,
      threads: Math.max(1, Math.floor(instance.cpus)),
      ...(request.startTimeoutMs === undefined ? {} : { readyTimeoutMs: request.startTimeoutMs }),
      // A batch may send more at once than a caller of an endpoint.
      bodyBytesMax: Math.max(
        config.payloadBytesMax,
        // The gateway holds each call to the limit of its deployment or endpoint.
        config.endpointPayloadBytesMax,
        Number(request.environment?.SAGEMAKER_MAX_PAYLOAD_IN_MB ?? 0) * 1024 * 1024,
      ),
      socketDir,
      sandbox,
      log: (level, message) => {
        log[level]({ model: name }, message);
        request.onLog?.(message);
      },
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
  return { kind: 'onnx', unavailable: async () => null, start };
}

/** Programs of publishers whom the operator trusts, in sandboxes on this machine. */
const programsHere = ({ config, db, blobs }: Here): ServingBackend =>
  programBackend({
    packagePath: (sha256) => ensureUnpackedContents({ config, db, blobs }, sha256),
    programPath: async (sha256) => (await ensureUnpackedProgram({ config, db, blobs }, sha256)).folder,
    socketDir: folders(config.dataDir).sockets,
    limits: { diskBytesMax: config.serving.diskBytesMax, processesMax: config.serving.processesMax },
  });

/** Models on servers that already run; only the operator's registration of one says where it is and how Souk signs in. */
function remoteHere({ config, db, log }: Here): ServingBackend {
  return remoteBackend({
    find: (serverId) => openServer(db, newSealer(ownKeys(config.dataDir, config.sealKeyHex).seal), serverId),
    outboundAllow: config.outboundAllow,
    bodyBytesMax: config.payloadBytesMax,
    socketDir: folders(config.dataDir).sockets,
    log: (level, message) => log[level]({ backend: 'remote' }, message),
  });
}

/** The models of this machine: what everybody calls, and the endpoints of buyers. */
export async function startNodeRunner(config: Config, db: Db, notifications: Notifications, log: Log) {
  const blobs = await openBlobs(config, 'blobs');
  const imageParts = await openBlobs(config, 'images');
  const start = await startHere({ config, db, blobs, imageParts, log });
  const deployments = startRunner({ db, notifications, log, node: config.nodeName, start });
  const meter = newMeter({ db, clock: systemClock });
  const instances = startEndpointRunner({ db, notifications, log, node: config.nodeName, start, meter });
  const images = keepImagesTidy({ config, db, log });
  const endpoints = startEndpointController({ db, notifications, log, clock: systemClock });
  return {
    settled: deployments.settled,
    async stop() {
      images.stop();
      await endpoints.stop();
      await Promise.all([instances.stop(), deployments.stop()]);
    },
  };
}
