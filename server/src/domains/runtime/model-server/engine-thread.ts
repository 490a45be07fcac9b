import { Worker } from 'node:worker_threads';
import {
  type Engine,
  halfBits,
  halfFloats,
  type ModelSource,
  type RuntimeTensors,
  type Timed,
} from './engine.ts';

interface Waiting {
  readonly timed: Timed | undefined;
  resolve(results: RuntimeTensors): void;
  reject(error: Error): void;
}

export type ToThread = { id: number; feeds: RuntimeTensors; outputs: readonly string[] };
export type FromThread =
  | { opened: Pick<Engine, 'inputNames' | 'outputShapes'> }
  | { id: number; results: RuntimeTensors; runMs: number }
  | { id: number | null; error: string };

/** A session in a thread of its own, so that a run of seconds holds up neither /ping nor other models. */
export async function openThread(source: ModelSource, threads: number): Promise<Engine> {
  const worker = new Worker(new URL('./engine-thread.worker.ts', import.meta.url), {
    workerData: { source, threads },
  });
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let broken: Error | undefined;
  const opened = Promise.withResolvers<Pick<Engine, 'inputNames' | 'outputShapes'>>();
  const fail = (error: Error) => {
    broken = error;
    opened.reject(error);
    for (const call of waiting.values()) call.reject(error);
    waiting.clear();
  };
  worker.on('message', (message: FromThread) => {
    if ('opened' in message) return opened.resolve(message.opened);
    if ('error' in message && message.id === null) return fail(new Error(message.error));
    const call = waiting.get(message.id ?? 0);
    waiting.delete(message.id ?? 0);
    if (waiting.size === 0) worker.unref();
    if ('error' in message) call?.reject(new Error(message.error));
    else {
      if (call?.timed) call.timed.runMs = message.runMs;
      call?.resolve(halfFloats(message.results));
    }
  });
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => fail(broken ?? new Error('the thread of this model has ended')));
  const { inputNames, outputShapes } = await opened.promise;
  // Idle, it keeps nobody from ending: the process lives as long as it listens.
  worker.unref();
  return {
    inputNames,
    outputShapes,
    run(feeds, outputs, timed) {
      if (broken !== undefined) return Promise.reject(broken);
      const id = nextId++;
      worker.ref();
      return new Promise((resolve, reject) => {
        waiting.set(id, { timed, resolve, reject });
        worker.postMessage({ id, feeds: halfBits(feeds), outputs } satisfies ToThread);
      });
    },
    async close() {
      await worker.terminate();
    },
  };
}
