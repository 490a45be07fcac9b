import './no-telemetry.ts';
import { env, InferenceSession, type Tensor } from 'onnxruntime-node';
import { float16Over, type Integers64, type Numbers } from './elements.ts';

// What goes wrong comes back as an exception; its copy on standard error would be a line per bad call.
env.logLevel = 'fatal';
const silent = 4;

/** A tensor as it crosses to onnxruntime, to a worker thread and back. */
export interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Numbers | Integers64 | string[];
}

export type RuntimeTensors = Readonly<Record<string, RuntimeTensor>>;

export interface Timed {
  runMs: number;
  records: number;
}

/** Where a model's arithmetic happens: in this thread, or in one of its own. */
export interface Engine {
  readonly inputNames: readonly string[];
  /** Shapes that onnxruntime inferred where the file declares none; empty when it could not. */
  readonly outputShapes: Readonly<Record<string, readonly (number | string)[]>>;
  /** Writes into `timed` how long the run itself took, and of how many records it was when others were run with this call. */
  run(feeds: RuntimeTensors, outputs: readonly string[], timed?: Timed): Promise<RuntimeTensors>;
  close(): Promise<void>;
}

/** A path where external weights may lie beside the model; bytes where the model had to be rewritten. */
export type ModelSource = string | Uint8Array;

export async function openSession(source: ModelSource, threads: number): Promise<Engine> {
  const options: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: silent,
    // Idle threads that spin for the next operator cost their neighbours a core each.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
  const session =
    typeof source === 'string'
      ? await InferenceSession.create(source, options)
      : await InferenceSession.create(source, options);
  const outputShapes: Record<string, readonly (number | string)[]> = {};
  for (const output of session.outputMetadata) if (output.isTensor) outputShapes[output.name] = output.shape;
  return {
    inputNames: session.inputNames,
    outputShapes,
    async run(feeds, outputs) {
      const given: Record<string, Tensor> = {};
      for (const name in feeds) {
        const tensor = feeds[name];
        if (tensor !== undefined) given[name] = forRuntime(tensor);
      }
      return (await session.run(given, outputs)) as unknown as RuntimeTensors;
    },
    close: () => session.release(),
  };
}

/**
 * onnxruntime-node reads `type`, `data`, `dims` and `location` and no more, so a plain object serves; its own Tensor class
 * turns half floats into a Float16Array, which its native side then refuses ("not enough space"), where a Uint16Array passes.
 */
function forRuntime(tensor: RuntimeTensor): Tensor {
  const { type, dims, data } = tensor;
  return { type, dims, data: asBits(tensor) ?? data, location: 'cpu' } as unknown as Tensor;
}

function asBits({ type, data }: RuntimeTensor): Numbers | undefined {
  if (type !== 'float16') return undefined;
  const numbers = data as Numbers;
  return new Uint16Array(numbers.buffer, numbers.byteOffset, numbers.length);
}

/** For messages between threads: plain objects, with half floats as their bits. */
export function halfBits(tensors: RuntimeTensors): RuntimeTensors {
  const plain: Record<string, RuntimeTensor> = {};
  for (const [name, tensor] of Object.entries(tensors))
    plain[name] = { type: tensor.type, dims: tensor.dims, data: asBits(tensor) ?? tensor.data };
  return plain;
}

export function halfFloats(tensors: RuntimeTensors): RuntimeTensors {
  const floats: Record<string, RuntimeTensor> = {};
  for (const [name, tensor] of Object.entries(tensors))
    floats[name] =
      tensor.type === 'float16' ? { ...tensor, data: float16Over(tensor.data as Numbers) } : tensor;
  return floats;
}
