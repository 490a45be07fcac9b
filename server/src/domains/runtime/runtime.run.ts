import { type Kept, keepRunning } from '../../platform/keep-running.ts';
import type { Log } from '../../platform/log.ts';
import type { DeploymentRow, RunningModel } from './runtime.ts';
import type { StartServable } from './servable.ts';

export interface RunOptions {
  readonly deployment: DeploymentRow;
  readonly start: StartServable;
  readonly log: Log;
  readonly ready: (running: RunningModel, restarted: boolean) => void;
  /** It ended, or could not be started; it is tried again. */
  readonly down: (reason: string) => void;
}

/** A deployment of one generation, through the crashes of its process. */
export interface Run extends Kept {
  readonly deployment: DeploymentRow;
}

/** Starts a model and keeps it running. */
export function startRun({ deployment: d, start, log, ready, down }: RunOptions): Run {
  const about = { product: d.productId, version: d.version };
  const kept = keepRunning({
    start: () =>
      start({
        name: d.modelName,
        servable: d.servable,
        instance: { name: d.instanceType, cpus: d.cpus, memoryMb: d.memoryMb },
      }),
    ready(running, { restarted, tookMs }) {
      log.info({ ...about, pid: running.pid, ms: tookMs }, 'model ready');
      ready(running, restarted);
    },
    ended(reason, pauseMs) {
      log.warn({ ...about, reason, pauseMs }, 'a model ended; starting it again');
      down(reason);
    },
  });
  return { deployment: d, ...kept };
}
