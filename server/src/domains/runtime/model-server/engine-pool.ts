import type { Engine, ModelSource } from './engine.ts';
import { openThread } from './engine-thread.ts';

/** Each session holds the weights once more. */
const copiedBytesMax = 64 * 1024 * 1024;

/**
 * Sessions in threads of their own. A model whose weights are small gets one for each core, each on one core: several calls then run
 * side by side, which one session with several threads does not give. A large one gets one session on all cores.
 */
export async function openPool(source: ModelSource, sizeBytes: number, threads: number): Promise<Engine> {
  const sessions = sizeBytes <= copiedBytesMax ? threads : 1;
  const opened = await Promise.allSettled(
    Array.from({ length: sessions }, () => openThread(source, sessions === 1 ? threads : 1)),
  );
  const engines = opened.flatMap((o) => (o.status === 'fulfilled' ? [o.value] : []));
  const [first] = engines;
  if (first === undefined) throw (opened[0] as PromiseRejectedResult).reason;
  const waiting = engines.map(() => 0);
  return {
    inputNames: first.inputNames,
    outputShapes: first.outputShapes,
    async run(feeds, outputs, timed) {
      let least = 0;
      for (let i = 1; i < waiting.length; i++) if ((waiting[i] ?? 0) < (waiting[least] ?? 0)) least = i;
      waiting[least] = (waiting[least] ?? 0) + 1;
      try {
        return await (engines[least] ?? first).run(feeds, outputs, timed);
      } finally {
        waiting[least] = (waiting[least] ?? 0) - 1;
      }
    },
    async close() {
      await Promise.all(engines.map((engine) => engine.close()));
    },
  };
}
