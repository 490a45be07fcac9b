import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kept, keepRunning } from '../../platform/keep-running.ts';
import type { RunningModel, StartServable } from '../runtime/index.ts';
import type { InstanceToRun } from './endpoints.ts';

const pingEveryMs = 5000;
const pingsMissedMax = 3;

export interface RunOptions {
  readonly instance: InstanceToRun;
  readonly start: StartServable;
  readonly onLog: (level: 'info' | 'warn' | 'error', line: string) => void;
  readonly ready: (running: RunningModel) => void;
  /** It ended, does not answer any more, or could not be started; it is tried again. */
  readonly down: (reason: string) => void;
}

export interface InstanceRun extends Kept {
  readonly instance: InstanceToRun;
}

/** One instance through the crashes of its process: started, asked for its health, started again with growing pauses. */
export function startInstance({ instance: i, start, onLog, ready, down }: RunOptions): InstanceRun {
  const kept = keepRunning({
    start: () =>
      start({
        name: i.id,
        servable: i.servable,
        instance: { name: i.instanceType, cpus: i.cpus, memoryMb: i.memoryMb },
        environment: i.environment,
        startTimeoutMs: i.startTimeoutMs,
        onLog: (line) => onLog('info', line),
      }),
    ready,
    ended(reason, pauseMs) {
      onLog('error', `ended: ${reason}; started again in ${pauseMs / 1000} s`);
      down(reason);
    },
    watch,
  });
  return { instance: i, ...kept };

  /** A server that is there and does not answer is as bad as one that is gone. */
  async function watch(server: RunningModel, isCurrent: () => boolean, isWrong: (why: string) => void) {
    for (let missed = 0; isCurrent(); ) {
      await sleep(pingEveryMs, undefined, { ref: false });
      if (!isCurrent()) return;
      missed = (await answersPing(server)) ? 0 : missed + 1;
      if (missed < pingsMissedMax || !isCurrent()) continue;
      const why = `it did not answer /ping ${pingsMissedMax} times in a row`;
      onLog('error', `${why}; it is started again`);
      isWrong(why);
      await server.stop();
      return;
    }
  }
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
