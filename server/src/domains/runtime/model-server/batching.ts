import type { Numbers, Values } from './elements.ts';
import type { Engine, RuntimeTensor, RuntimeTensors, Timed } from './engine.ts';
import { part, sizeOf } from './tensors.ts';

/** How long a call may wait for others, and how many records one run takes at most. */
export interface Batching {
  readonly windowMs: number;
  readonly recordsMax: number;
}

interface Call {
  readonly feeds: RuntimeTensors;
  readonly records: number;
  readonly timed: Timed | undefined;
  resolve(results: RuntimeTensors): void;
  reject(error: unknown): void;
}

interface Gathering {
  readonly outputs: readonly string[];
  readonly calls: Call[];
  records: number;
  flush(): void;
}

/**
 * Runs calls together that come at the same time: their tensors are stacked along the first dimension, run once, and the
 * results are taken apart again. Only for models whose records do not depend on each other; whoever turns it on says so.
 * Calls whose other dimensions differ are never mixed. When a run of several fails, each is run alone, so that an error goes
 * to the call that caused it and spoils no other.
 */
export function batched(engine: Engine, { windowMs, recordsMax }: Batching): Engine {
  const gatherings = new Map<string, Gathering>();
  /** False once an output did not have one row for each record: then what came in together cannot be taken apart. */
  let separable = true;

  function run(feeds: RuntimeTensors, outputs: readonly string[], timed?: Timed): Promise<RuntimeTensors> {
    const records = recordsOf(feeds);
    if (!separable || records === undefined || records >= recordsMax)
      return engine.run(feeds, outputs, timed);
    return new Promise((resolve, reject) => {
      const key = keyOf(feeds, outputs);
      let gathering = gatherings.get(key);
      if (gathering !== undefined && gathering.records + records > recordsMax) {
        gathering.flush();
        gathering = undefined;
      }
      gathering ??= begin(key, outputs);
      gathering.calls.push({ feeds, records, timed, resolve, reject });
      gathering.records += records;
      if (gathering.records >= recordsMax) gathering.flush();
    });
  }

  function begin(key: string, outputs: readonly string[]): Gathering {
    const timer = setTimeout(() => gathering.flush(), windowMs);
    const gathering: Gathering = {
      outputs,
      calls: [],
      records: 0,
      flush: () => {
        clearTimeout(timer);
        if (gatherings.get(key) === gathering) gatherings.delete(key);
        void runTogether(gathering);
      },
    };
    gatherings.set(key, gathering);
    return gathering;
  }

  async function runTogether({ calls, outputs, records }: Gathering): Promise<void> {
    const [only] = calls;
    if (calls.length === 1 && only) return runAlone(only, outputs);
    const together: Timed = { runMs: 0, records };
    let results: RuntimeTensors;
    try {
      results = await engine.run(stacked(calls), outputs, together);
    } catch {
      for (const call of calls) await runAlone(call, outputs);
      return;
    }
    if (outputs.some((name) => results[name]?.dims[0] !== records)) {
      separable = false;
      for (const call of calls) await runAlone(call, outputs);
      return;
    }
    let start = 0;
    for (const call of calls) {
      if (call.timed) Object.assign(call.timed, together);
      call.resolve(slice(results, outputs, start, call.records));
      start += call.records;
    }
  }

  const runAlone = (call: Call, outputs: readonly string[]) =>
    engine.run(call.feeds, outputs, call.timed).then(call.resolve, call.reject);

  return {
    inputNames: engine.inputNames,
    outputShapes: engine.outputShapes,
    run,
    async close() {
      for (const gathering of [...gatherings.values()]) gathering.flush();
      await engine.close();
    },
  };
}

/** The number that all inputs have as their first dimension; undefined where they have not one in common. */
function recordsOf(feeds: RuntimeTensors): number | undefined {
  let records: number | undefined;
  for (const name in feeds) {
    const first = feeds[name]?.dims[0];
    if (first === undefined || first === 0 || (records !== undefined && first !== records)) return undefined;
    records = first;
  }
  return records;
}

function keyOf(feeds: RuntimeTensors, outputs: readonly string[]): string {
  const names = Object.keys(feeds).sort();
  return JSON.stringify([outputs, names.map((name) => [name, feeds[name]?.dims.slice(1)])]);
}

function stacked(calls: readonly Call[]): RuntimeTensors {
  const together: Record<string, RuntimeTensor> = {};
  const records = calls.reduce((sum, call) => sum + call.records, 0);
  for (const [name, first] of Object.entries(calls[0]?.feeds ?? {})) {
    together[name] = {
      type: first.type,
      dims: [records, ...first.dims.slice(1)],
      data: joined(calls.map((call) => call.feeds[name]?.data ?? [])),
    };
  }
  return together;
}

type TypedArray = Numbers & { set(values: Values, at: number): void };

function joined(parts: readonly Values[]): Values {
  const [first = []] = parts;
  if (Array.isArray(first)) return (parts as string[][]).flat();
  const length = parts.reduce((sum, values) => sum + values.length, 0);
  const Type = first.constructor as new (length: number) => TypedArray;
  const all = new Type(length);
  let at = 0;
  for (const values of parts) {
    all.set(values, at);
    at += values.length;
  }
  return all;
}

/** A call’s own rows, as a view of the whole. */
function slice(
  results: RuntimeTensors,
  outputs: readonly string[],
  start: number,
  records: number,
): RuntimeTensors {
  const own: Record<string, RuntimeTensor> = {};
  for (const name of outputs) {
    const tensor = results[name];
    if (tensor === undefined) continue;
    const row = sizeOf(tensor.dims.slice(1));
    own[name] = {
      type: tensor.type,
      dims: [records, ...tensor.dims.slice(1)],
      data: part(tensor.data, start * row, (start + records) * row),
    };
  }
  return own;
}
