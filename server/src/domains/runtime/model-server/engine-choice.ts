import { type Engine, type ModelSource, openSession, type RuntimeTensors, type Timed } from './engine.ts';
import { openPool } from './engine-pool.ts';

/**
 * Where a model runs. A hop to another thread costs about 0.1 ms a call, ten times the run of a small model; a run of
 * 100 ms in the thread that answers HTTP holds up everybody. So a small file starts here on one core, a large one in
 * threads of its own on `threads` cores, and a small file is moved there when it turns out slow, or when calls wait for each
 * other whose runs outweigh the hop while other cores have nothing to do.
 */
const inlineFileBytesMax = 16 * 1024 * 1024;
const inlineRunMsMax = 20;
const slowRunsInARow = 3;
const busyRunMsMin = 0.4;
const busyRunsInARow = 50;

export async function openEngine(source: ModelSource, sizeBytes: number, threads: number): Promise<Engine> {
  if (sizeBytes > inlineFileBytesMax) return await openPool(source, sizeBytes, threads);
  return new Adaptive(source, sizeBytes, threads, await openSession(source, 1));
}

class Adaptive implements Engine {
  readonly inputNames: readonly string[];
  readonly outputShapes: Engine['outputShapes'];
  readonly #source: ModelSource;
  readonly #sizeBytes: number;
  readonly #threads: number;
  readonly #inline: Engine;
  #engine: Engine;
  #running = 0;
  #slowRuns = 0;
  #busyRuns = 0;
  #moving: Promise<void> | undefined;

  constructor(source: ModelSource, sizeBytes: number, threads: number, inline: Engine) {
    this.#source = source;
    this.#sizeBytes = sizeBytes;
    this.#threads = threads;
    this.#inline = inline;
    this.#engine = inline;
    this.inputNames = inline.inputNames;
    this.outputShapes = inline.outputShapes;
  }

  async run(feeds: RuntimeTensors, outputs: readonly string[], timed?: Timed): Promise<RuntimeTensors> {
    if (this.#engine !== this.#inline) return await this.#engine.run(feeds, outputs, timed);
    // Runs in this thread queue behind each other: what a call waited is shared out over those that were before it.
    const queued = ++this.#running;
    const startedMs = performance.now();
    try {
      return await this.#inline.run(feeds, outputs);
    } finally {
      this.#running--;
      const runMs = (performance.now() - startedMs) / queued;
      if (timed) timed.runMs = runMs;
      this.#slowRuns = runMs > inlineRunMsMax ? this.#slowRuns + 1 : 0;
      const isBusy = this.#threads > 1 && queued > 1 && runMs > busyRunMsMin;
      this.#busyRuns = isBusy ? this.#busyRuns + 1 : 0;
      if (this.#slowRuns >= slowRunsInARow || this.#busyRuns >= busyRunsInARow) this.#moving ??= this.#move();
    }
  }

  /** Calls go on here until the thread has loaded the model; if it cannot, they stay. */
  async #move(): Promise<void> {
    try {
      this.#engine = await openPool(this.#source, this.#sizeBytes, this.#threads);
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
