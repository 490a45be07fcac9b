import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningModel, StartServable } from '../runtime/index.ts';
import type { InstanceToRun } from './endpoints.ts';

const pingEveryMs = 5000;
const pingsMissedMax = 3;
const healthyAfterMs = 60_000;
const pauseMsMax = 30_000;

export interface RunOptions {
  readonly instance: InstanceToRun;
  readonly start: StartServable;
  readonly onLog: (level: 'info' | 'warn' | 'error', line: string) => void;
  readonly ready: (running: RunningModel) => void;
  /** It ended, does not answer any more, or could not be started; it is tried again. */
  readonly down: (reason: string) => void;
}

export interface InstanceRun {
  readonly instance: InstanceToRun;
  isUp(): boolean;
  /** Answers what it has begun, then ends for good. */
  end(): Promise<void>;
}

/** One instance through the crashes of its process: started, asked for its health, started again with growing pauses. */
export function startInstance({ instance: i, start, onLog, ready, down }: RunOptions): InstanceRun {
  let running: RunningModel | undefined;
  let up = false;
  let failures = 0;
  let ending: Promise<void> | undefined;
  let pause: NodeJS.Timeout | undefined;
  let launching = launch();

  async function launch(): Promise<void> {
    let started: RunningModel;
    try {
      started = await start({
        name: i.id,
        servable: i.servable,
        instance: { name: i.instanceType, cpus: i.cpus, memoryMb: i.memoryMb },
        environment: i.environment,
        startTimeoutMs: i.startTimeoutMs,
        onLog: (line) => onLog('info', line),
      });
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error), 0);
      return;
    }
    running = started;
    const startedAt = Date.now();
    let hung: string | undefined;
    void started.exited.then(({ reason }) => failed(hung ?? reason, up ? Date.now() - startedAt : 0));
    if (ending) return void started.stop();
    try {
      await started.ready;
    } catch {
      // Its end says why.
      return;
    }
    if (ending) return;
    up = true;
    ready(started);
    void watch(started, (why) => {
      hung = why;
    });
  }

  /** A server that is there and does not answer is as bad as one that is gone. */
  async function watch(server: RunningModel, hangs: (why: string) => void): Promise<void> {
    for (let missed = 0; up && running === server; ) {
      await sleep(pingEveryMs, undefined, { ref: false });
      if (!up || running !== server) return;
      missed = (await answersPing(server)) ? 0 : missed + 1;
      if (missed < pingsMissedMax || !up || running !== server) continue;
      const why = `it did not answer /ping ${pingsMissedMax} times in a row`;
      onLog('error', `${why}; it is started again`);
      hangs(why);
      await server.stop();
      return;
    }
  }

  function failed(reason: string, aliveMs: number) {
    up = false;
    running = undefined;
    if (ending) return;
    failures = aliveMs > healthyAfterMs ? 1 : failures + 1;
    const pauseMs = Math.min(200 * 3 ** (failures - 1), pauseMsMax);
    onLog('error', `ended: ${reason}; started again in ${pauseMs / 1000} s`);
    pause = setTimeout(() => {
      launching = launch();
    }, pauseMs);
    pause.unref();
    down(reason.slice(0, 1000));
  }

  async function stop() {
    clearTimeout(pause);
    up = false;
    await running?.stop();
    // A start that was under way has seen by now that it is not wanted.
    await launching;
    await running?.stop();
  }

  return {
    instance: i,
    isUp: () => up,
    end: () => {
      ending ??= stop();
      return ending;
    },
  };
}

/** GET /ping answers 200 within 2 s (reference, section 1.5). */
function answersPing({ address }: RunningModel): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { timeout: 2000, agent: false, path: '/ping' };
    const call =
      'unix' in address
        ? request({ ...options, socketPath: address.unix })
        : request(`${address.url}/ping`, { timeout: 2000, agent: false });
    call.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
}
