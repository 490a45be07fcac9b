import { parentPort, workerData } from 'node:worker_threads';
import { halfBits, type ModelSource, openSession } from './engine.ts';
import type { FromThread, ToThread } from './engine-thread.ts';

/** The other end of `openThread`: one session, one call after another. */
const { source, threads } = workerData as { source: ModelSource; threads: number };
const say = (message: FromThread) => parentPort?.postMessage(message);
const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

try {
  const session = await openSession(source, threads);
  // One after the other: what waits here waits in the queue, and its time is not the run's.
  let last = Promise.resolve();
  parentPort?.on('message', (call: ToThread) => {
    last = last.then(() => answer(call));
  });
  const answer = async ({ id, feeds, outputs }: ToThread) => {
    try {
      const startedMs = performance.now();
      const results = halfBits(await session.run(feeds, outputs));
      say({ id, results, runMs: performance.now() - startedMs });
    } catch (error) {
      say({ id, error: textOf(error) });
    }
  };
  say({ opened: { inputNames: session.inputNames, outputShapes: session.outputShapes } });
} catch (error) {
  say({ id: null, error: textOf(error) });
}
