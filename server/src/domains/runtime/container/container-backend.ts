import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FoundPodman, Podman } from '../../../platform/podman.ts';
import { ping } from '../ping.ts';
import type { EndKind, RunningModel } from '../runtime.ts';
import type { Servable, ServeRequest, ServingBackend } from '../servable.ts';
import { ownFolder } from '../served-child.ts';
import { type Container, type ContainerEnd, startContainer } from './container.ts';
import { ensureImage, type ImageArchive } from './image-store.ts';
import { type LogBounds, logBudget, servingLog } from './log-bounds.ts';

export interface ContainerServing {
  readonly podman: () => Promise<FoundPodman>;
  readonly archive: ImageArchive;
  /** The unpacked, verified package of a digest. */
  readonly packagePath: (sha256: string) => Promise<string>;
  readonly socketDir: string;
  readonly limits?: Partial<ServingLimits>;
}

export interface ServingLimits {
  readonly startTimeoutMs: number;
  /** Without an answer to /ping for so long it is ended and started again. */
  readonly hungAfterMs: number;
  readonly pingEveryMs: number;
  readonly pingTimeoutMs: number;
  readonly stopGraceMs: number;
  readonly diskBytesMax: number;
  readonly processesMax: number;
  readonly log: LogBounds;
}

/** The contract's own times; the disk of a host is ours to give. */
export const servingLimits: ServingLimits = {
  startTimeoutMs: 8 * 60_000,
  // Longer than a call may take: a server with a single worker cannot answer while it works.
  hungAfterMs: 90_000,
  pingEveryMs: 5000,
  pingTimeoutMs: 2000,
  stopGraceMs: 30_000,
  diskBytesMax: 10 * 1024 ** 3,
  processesMax: 1000,
  log: servingLog,
};

export const port = 8080;
const readyPollMs = 25;

type OfContainer = Extract<Servable, { kind: 'container' }>;

/** Serves images by podman: `serve`, port 8080, /opt/ml/model, and nothing around it. */
export function containerBackend(parts: ContainerServing): ServingBackend {
  const limits = { ...servingLimits, ...parts.limits };
  return {
    kind: 'container',
    async unavailable() {
      const podman = await parts.podman();
      return 'missing' in podman ? podman.missing : null;
    },
    async start(request) {
      const podman = await parts.podman();
      if ('missing' in podman) throw new Error(podman.missing);
      const { servable } = request;
      if (servable.kind !== 'container') throw new Error(`podman runs images, not ${servable.kind}`);
      return await serve(podman, parts, limits, request, servable);
    },
  };
}

async function serve(
  podman: Podman,
  parts: ContainerServing,
  limits: ServingLimits,
  request: ServeRequest,
  servable: OfContainer,
): Promise<RunningModel> {
  const image = await ensureImage(podman, parts.archive, servable.imageDigest);
  const { packageSha256: sha256 } = servable;
  const model = sha256 === null ? undefined : (request.unpacked ?? (await parts.packagePath(sha256)));
  const { folder, unix } = ownFolder(parts.socketDir);
  let container: Container;
  try {
    container = await startContainer(podman, {
      image,
      command: ['serve'],
      environment: { ...servable.environment, ...request.environment },
      mounts: model === undefined ? [] : [{ from: model, to: '/opt/ml/model' }],
      ...request.instance,
      ...limits,
      graceMs: limits.stopGraceMs,
      onLines: (lines) => {
        for (const line of lines) request.onLog?.(line);
      },
      logAllowed: logBudget(limits.log),
      serve: { unix, port },
    });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  let hung: string | undefined;
  let isReady = false;
  let over = false;
  const exited = container.ended.then((end) => {
    over = true;
    rmSync(folder, { recursive: true, force: true });
    return {
      ...endOf(end, isReady, request, limits),
      ...(hung === undefined
        ? {}
        : { kind: isReady ? ('hung' as const) : ('not-ready' as const), reason: hung }),
    };
  });

  const ready = (async () => {
    const startTimeoutMs = request.startTimeoutMs ?? limits.startTimeoutMs;
    const until = performance.now() + startTimeoutMs;
    while (!over && performance.now() < until) {
      if (await ping(unix, limits.pingTimeoutMs)) {
        isReady = true;
        void watchPing();
        return;
      }
      await sleep(readyPollMs);
    }
    if (!over) {
      hung = `the container did not answer GET /ping with 200 on port ${port} within ${startTimeoutMs / 1000} s of its start`;
      void container.kill();
    }
    throw new Error((await exited).reason);
  })();
  // Callers that only look at `exited` must not be ended by a rejection that nobody awaits.
  ready.catch(() => undefined);

  async function watchPing() {
    let answeredAt = performance.now();
    for (;;) {
      await sleep(limits.pingEveryMs, undefined, { ref: false });
      if (over) return;
      if (await ping(unix, limits.pingTimeoutMs)) answeredAt = performance.now();
      else if (!over && performance.now() - answeredAt > limits.hungAfterMs) {
        hung = `the container stopped answering GET /ping with 200 (for ${limits.hungAfterMs / 1000} s)`;
        void container.kill();
        return;
      }
    }
  }

  return {
    pid: container.pid,
    address: { unix },
    sandbox: `podman ${podman.version} (${podman.runtime})`,
    ready,
    exited,
    async stop() {
      await container.stop();
      await exited;
    },
    conduct: async () => {
      const end = await Promise.race([container.ended, undefined]);
      const { networkTries, memoryPeakBytes } = container.seen();
      return { networkTries, memoryPeakBytes, ignoredTerm: end?.ignoredTerm ?? false };
    },
  };
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1_000_000)} MB`;

/** Words for people: what it did, and where they can, what they may do about it. */
function endOf(
  end: ContainerEnd,
  wasReady: boolean,
  { instance }: ServeRequest,
  limits: ServingLimits,
): { kind: EndKind; reason: string } {
  const last = end.lastLine === '' ? 'It wrote nothing.' : `Its last line: ${end.lastLine}`;
  switch (end.kind) {
    case 'stopped':
      return { kind: 'stopped', reason: 'stopped' };
    case 'memory':
      return {
        kind: 'memory',
        reason: `the container needed more memory than the ${instance.memoryMb} MB of ${instance.name}`,
      };
    case 'disk':
      return {
        kind: 'disk',
        reason: `the container wrote more than ${megabytes(limits.diskBytesMax)} to its disk`,
      };
    case 'processes':
      return {
        kind: 'processes',
        reason: `the container started more than ${limits.processesMax} processes`,
      };
    case 'log':
      return {
        kind: 'log',
        reason: `the container flooded its log: more than ${megabytes(limits.log.burstBytes)} at once, or ${Math.round(limits.log.bytesPerSecond / 1000)} kB a second`,
      };
    case 'not-started':
      return { kind: 'not-ready', reason: notStarted(end.words) };
    case 'killed':
      return { kind: 'crashed', reason: `the container was ended from outside. ${last}` };
    case 'itself':
      return wasReady
        ? { kind: 'crashed', reason: `the container ended with code ${end.exitCode}. ${last}` }
        : {
            kind: 'not-ready',
            reason: /exec format error/i.test(end.lastLine)
              ? otherComputer
              : `the container ended with code ${end.exitCode} before it answered GET /ping. ${last}`,
          };
  }
}

const otherComputer =
  'the program of the image is made for another kind of computer (exec format error): build the image for this one';

function notStarted(words: string): string {
  if (/exec format error/i.test(words)) return otherComputer;
  if (/executable file|no such file|no command/i.test(words))
    return `the image has no program that takes the argument "serve": ${words.slice(0, 300)}`;
  return `the image’s program cannot be started: ${words.slice(0, 300)}`;
}
