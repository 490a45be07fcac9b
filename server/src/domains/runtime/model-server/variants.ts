import { CallError } from './call-error.ts';
import type { Engine, RuntimeTensors, Timed } from './engine.ts';

const kept = 4;

interface Variant {
  readonly engine: Promise<Engine>;
  running: number;
  retired: boolean;
}

/**
 * onnxruntime-node takes an input that has a default only from a model whose default is gone, so a call that gives some of
 * them runs on a session loaded without exactly those. Few are kept: callers give the same ones again and again.
 */
export class Variants {
  readonly #open: (required: ReadonlySet<string>) => Promise<Engine>;
  readonly #hasExternalData: boolean;
  readonly #variants = new Map<string, Variant>();

  constructor(open: (required: ReadonlySet<string>) => Promise<Engine>, hasExternalData: boolean) {
    this.#open = open;
    this.#hasExternalData = hasExternalData;
  }

  async run(
    given: readonly string[],
    feeds: RuntimeTensors,
    outputs: readonly string[],
    timed?: Timed,
  ): Promise<RuntimeTensors> {
    const variant = this.#get(given);
    variant.running++;
    try {
      return await (await variant.engine).run(feeds, outputs, timed);
    } finally {
      variant.running--;
      if (variant.retired && variant.running === 0) await closeQuietly(variant);
    }
  }

  #get(given: readonly string[]): Variant {
    const key = JSON.stringify(given);
    const known = this.#variants.get(key);
    if (known !== undefined) return known;
    if (this.#hasExternalData)
      throw new CallError(
        400,
        `input "${given[0]}" has a default that cannot be replaced here, because the model keeps weights in files ` +
          'beside it: leave the input out',
      );
    const [oldest] = this.#variants;
    if (oldest !== undefined && this.#variants.size >= kept) {
      this.#variants.delete(oldest[0]);
      oldest[1].retired = true;
      if (oldest[1].running === 0) void closeQuietly(oldest[1]);
    }
    const variant: Variant = { engine: this.#open(new Set(given)), running: 0, retired: false };
    this.#variants.set(key, variant);
    variant.engine.catch(() => this.#variants.delete(key));
    return variant;
  }

  async close(): Promise<void> {
    for (const variant of this.#variants.values()) await closeQuietly(variant);
  }
}

/** A session that never opened has nothing to close. */
async function closeQuietly(variant: Variant): Promise<void> {
  await variant.engine.then(
    (engine) => engine.close(),
    () => undefined,
  );
}
