import { type Engine, type ModelSource, openSession, type RuntimeTensors } from './engine.ts';
import { openThread } from './engine-thread.ts';

/**
 * Where a model runs. A hop to another thread costs about 0.1 ms a call, ten times the run of a small model; a run of
 * 100 ms in the thread that answers HTTP holds up everybody. So a small file starts here on one core, a large one in a
 * thread of its own on `threads` cores, and a small file that turns out slow is moved there.
 */
const inlineFileBytesMax = 16 * 1024 * 1024;
const inlineRunMsMax = 20;
const slowRunsInARow = 3;

export async function openEngine(source: ModelSource, sizeBytes: number, threads: number): Promise<Engine> {
  if (sizeBytes > inlineFileBytesMax) return await openThread(source, threads);
  return new Adaptive(source, threads, await openSession(source, 1));
}

class Adaptive implements Engine {
  readonly inputNames: readonly string[];
  readonly outputShapes: Engine['outputShapes'];
  readonly #source: ModelSource;
  readonly #threads: number;
  readonly #inline: Engine;
  #engine: Engine;
  #running = 0;
  #slowRuns = 0;
  #moving: Promise<void> | undefined;

  constructor(source: ModelSource, threads: number, inline: Engine) {
    this.#source = source;
    this.#threads = threads;
    this.#inline = inline;
    this.#engine = inline;
    this.inputNames = inline.inputNames;
    this.outputShapes = inline.outputShapes;
  }

  async run(feeds: RuntimeTensors, outputs: readonly string[]): Promise<RuntimeTensors> {
    if (this.#engine !== this.#inline) return await this.#engine.run(feeds, outputs);
    // Runs in this thread queue behind each other: what a call waited is shared out over those that were before it.
    const queued = ++this.#running;
    const startedMs = performance.now();
    try {
      return await this.#inline.run(feeds, outputs);
    } finally {
      this.#running--;
      const runMs = (performance.now() - startedMs) / queued;
      this.#slowRuns = runMs > inlineRunMsMax ? this.#slowRuns + 1 : 0;
      if (this.#slowRuns >= slowRunsInARow) this.#moving ??= this.#move();
    }
  }

  /** Calls go on here until the thread has loaded the model; if it cannot, they stay. */
  async #move(): Promise<void> {
    try {
      this.#engine = await openThread(this.#source, this.#threads);
      while (this.#running > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      await this.#inline.close();
    } catch {
      // Not enough memory for a second copy, most likely: slower, but it answers.
    }
  }

  async close(): Promise<void> {
    await this.#moving;
    await this.#engine.close();
  }
}
