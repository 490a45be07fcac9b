import type { Log } from '../../platform/log.ts';
import type { DeploymentRow, RunningModel } from './runtime.ts';
import type { StartServable } from './servable.ts';

const healthyAfterMs = 60_000;
const pauseMsMax = 30_000;

export interface RunOptions {
  readonly deployment: DeploymentRow;
  readonly start: StartServable;
  readonly log: Log;
  readonly ready: (running: RunningModel, restarted: boolean) => void;
  /** It ended, or could not be started; it is tried again. */
  readonly down: (reason: string) => void;
}

/** A deployment of one generation, through the crashes of its process. */
export interface Run {
  readonly deployment: DeploymentRow;
  /** True while its process can be called. */
  isUp(): boolean;
  /** Stops the process and what would start it again. */
  end(): Promise<void>;
}

/** Starts a model and keeps it running: after a crash again, with growing pauses while it keeps failing. */
export function startRun({ deployment: d, start, log, ready, down }: RunOptions): Run {
  const about = { product: d.productId, version: d.version };
  let running: RunningModel | undefined;
  let up = false;
  let failures = 0;
  let ending: Promise<void> | undefined;
  let pause: NodeJS.Timeout | undefined;
  let launching = launch(false);

  async function launch(restarted: boolean): Promise<void> {
    let started: RunningModel;
    try {
      started = await start({
        name: d.modelName,
        servable: d.servable,
        instance: { name: d.instanceType, cpus: d.cpus, memoryMb: d.memoryMb },
      });
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error), 0);
      return;
    }
    running = started;
    const startedAt = Date.now();
    void started.exited.then(({ reason }) => failed(reason, Date.now() - startedAt));
    if (ending) return void started.stop();
    try {
      await started.ready;
    } catch {
      // Its end says why.
      return;
    }
    if (ending) return;
    up = true;
    log.info({ ...about, pid: started.pid, ms: Date.now() - startedAt }, 'model ready');
    ready(started, restarted);
  }

  function failed(reason: string, aliveMs: number) {
    up = false;
    running = undefined;
    if (ending) return;
    failures = aliveMs > healthyAfterMs ? 1 : failures + 1;
    const pauseMs = Math.min(200 * 3 ** (failures - 1), pauseMsMax);
    log.warn({ ...about, reason, pauseMs }, 'a model ended; starting it again');
    pause = setTimeout(() => {
      launching = launch(true);
    }, pauseMs);
    pause.unref();
    down(reason.slice(0, 1000));
  }

  async function stop() {
    clearTimeout(pause);
    up = false;
    const current = running;
    await current?.stop();
    // A start that was under way has seen by now that it is not wanted.
    await launching;
    await running?.stop();
  }

  return {
    deployment: d,
    isUp: () => up,
    end: () => {
      ending ??= stop();
      return ending;
    },
  };
}
