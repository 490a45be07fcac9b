import type { Batching } from './batching.ts';
import { CallGate } from './call-gate.ts';
import { loadModel, type Model, type ModelToLoad } from './model.ts';
import { reasonOf } from './run-error.ts';

/** One declared model and how its loading went. The names are known from the start, so that routes are too. */
export interface Slot {
  readonly name: string;
  readonly path: string;
  readonly gate: CallGate;
  state: { is: 'loading' } | { is: 'ready'; model: Model } | { is: 'failed'; reason: string };
}

const callsUnderWayMax = 1024;

/** All models of this process. */
export class Models {
  readonly slots: readonly Slot[];
  /** The one that /invocations means when the caller does not say. */
  readonly defaultName: string | undefined;

  constructor(models: readonly ModelToLoad[], defaultName?: string, underWayMax = callsUnderWayMax) {
    const names = new Set(models.map((model) => model.name));
    if (names.size < models.length) {
      const twice = models.find((model, i) => models.findIndex((other) => other.name === model.name) < i);
      throw new Error(`two models are called "${twice?.name}": give each its own name`);
    }
    if (defaultName !== undefined && !names.has(defaultName))
      throw new Error(`no model is called "${defaultName}", which was named as the default`);
    this.slots = models.map(({ name, path }) => ({
      name,
      path,
      gate: new CallGate(name, underWayMax),
      state: { is: 'loading' },
    }));
    this.defaultName = defaultName ?? (models.length === 1 ? models[0]?.name : undefined);
  }

  /** One after another: loading is bound by memory and disk, and two at once only raise the peak. */
  async load(threads: number, batching?: Batching | undefined): Promise<void> {
    for (const slot of this.slots)
      try {
        slot.state = {
          is: 'ready',
          model: await loadModel(slot, threads, { batching, metrics: slot.gate.metrics }),
        };
      } catch (error) {
        slot.state = { is: 'failed', reason: reasonOf(error) };
      }
  }

  /** What /ping asks: every model can be called. */
  get allReady(): boolean {
    return this.slots.every((slot) => slot.state.is === 'ready');
  }

  /** What /v2/health/ready asks: loading is over, and something can be called. */
  get settled(): boolean {
    return (
      this.slots.every((slot) => slot.state.is !== 'loading') &&
      this.slots.some((slot) => slot.state.is === 'ready')
    );
  }

  async close(): Promise<void> {
    for (const slot of this.slots) if (slot.state.is === 'ready') await slot.state.model.close();
  }
}
