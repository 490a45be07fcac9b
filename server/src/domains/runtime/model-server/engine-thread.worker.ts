import { parentPort, workerData } from 'node:worker_threads';
import { halfBits, type ModelSource, openSession } from './engine.ts';
import type { FromThread, ToThread } from './engine-thread.ts';

/** The other end of `openThread`: one session, one call after another. */
const { source, threads } = workerData as { source: ModelSource; threads: number };
const say = (message: FromThread) => parentPort?.postMessage(message);
const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

try {
  const session = await openSession(source, threads);
  parentPort?.on('message', async ({ id, feeds, outputs }: ToThread) => {
    try {
      say({ id, results: halfBits(await session.run(feeds, outputs)) });
    } catch (error) {
      say({ id, error: textOf(error) });
    }
  });
  say({ opened: { inputNames: session.inputNames, outputShapes: session.outputShapes } });
} catch (error) {
  say({ id: null, error: textOf(error) });
}
