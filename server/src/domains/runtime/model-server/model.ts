import { readFile, stat } from 'node:fs/promises';
import { type Batching, batched } from './batching.ts';
import { CallError } from './call-error.ts';
import { elementTypeName, elementTypes } from './elements.ts';
import type { Engine, ModelSource, RuntimeTensor, RuntimeTensors, Timed } from './engine.ts';
import { openEngine } from './engine-choice.ts';
import type { ModelMetrics } from './model-metrics.ts';
import { findModelFile } from './model-path.ts';
import { type OnnxFile, type OnnxValue, readOnnxFile } from './onnx-file.ts';
import { rewriteOnnx } from './onnx-rewrite.ts';
import { runError } from './run-error.ts';
import { described, type TensorSpec, type TensorValue } from './tensors.ts';
import { Variants } from './variants.ts';

/** A loaded model: what it takes and gives, and how to run it. */
export interface Model {
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly inputByName: ReadonlyMap<string, TensorSpec>;
  readonly outputByName: ReadonlyMap<string, TensorSpec>;
  readonly outputNames: readonly string[];
  /** How many records one run takes; null when the first dimension varies. */
  readonly recordsPerRun: number | null;
  run(given: ReadonlyMap<string, TensorValue>, outputs: readonly string[]): Promise<RuntimeTensors>;
  close(): Promise<void>;
}

export interface ModelToLoad {
  readonly name: string;
  readonly path: string;
}

export interface LoadOptions {
  readonly batching?: Batching | undefined;
  readonly metrics?: ModelMetrics | undefined;
}

export async function loadModel(
  { name, path }: ModelToLoad,
  threads: number,
  { batching, metrics }: LoadOptions = {},
): Promise<Model> {
  const filePath = findModelFile(path);
  const { size } = await stat(filePath);
  const file = parsed(filePath);
  const zipMaps = file.zipMaps.filter((zipMap) =>
    file.outputs.some((output) => output.name === zipMap.output && output.kind !== 'tensor'),
  );
  const open = async (required: ReadonlySet<string>): Promise<Engine> => {
    const source: ModelSource =
      zipMaps.length + required.size === 0
        ? filePath
        : rewriteOnnx(await readFile(filePath), file, { zipMaps, required });
    return await openEngine(source, size, threads);
  };
  const labels = new Map(zipMaps.map((zipMap) => [zipMap.output, zipMap.labels]));
  const inputs = file.inputs.map((input) => specOf(input, 'input', null));
  const outputs = file.outputs.map((output) => specOf(output, 'output', labels.get(output.name) ?? null));
  const first = inputs.find((input) => !input.optional)?.dims?.[0];
  const bare = await open(new Set());
  // A model of one record a run has nothing to gather.
  const engine = batching && first === null ? batched(bare, batching) : bare;
  const variants = new Variants(open, file.hasExternalData);
  const shown = outputs.map((output) => withInferredShape(output, engine.outputShapes[output.name] ?? []));
  return {
    name,
    inputs,
    outputs: shown,
    inputByName: new Map(inputs.map((input) => [input.name, input])),
    outputByName: new Map(shown.map((output) => [output.name, output])),
    outputNames: shown.map((output) => output.name),
    recordsPerRun: first ?? null,
    async run(given, wanted) {
      const feeds: Record<string, RuntimeTensor> = {};
      const extras: string[] = [];
      for (const input of inputs) {
        const tensor = given.get(input.name);
        if (tensor !== undefined) {
          feeds[input.name] = { type: input.type.runtime, dims: tensor.dims, data: tensor.values };
          if (input.optional) extras.push(input.name);
        } else if (!input.optional)
          throw new CallError(400, `input "${input.name}" is missing: expected ${described(input)}`);
      }
      const firstFed = inputs.find((input) => feeds[input.name] !== undefined);
      const records = first === null ? (feeds[firstFed?.name ?? '']?.dims[0] ?? 1) : 1;
      const timed: Timed = { runMs: 0, records };
      const startedMs = performance.now();
      try {
        const results = await (extras.length === 0
          ? engine.run(feeds, wanted, timed)
          : variants.run(extras, feeds, wanted, timed));
        metrics?.ran(records, timed.records, performance.now() - startedMs - timed.runMs, timed.runMs);
        return results;
      } catch (error) {
        throw error instanceof CallError ? error : runError(name, error);
      }
    },
    async close() {
      await variants.close();
      await engine.close();
    },
  };
}

function parsed(filePath: string): OnnxFile {
  try {
    return readOnnxFile(filePath);
  } catch (error) {
    throw new Error(`${filePath} is not a readable ONNX model: ${(error as Error).message}`);
  }
}

/** Refuses at load what could only fail at each call. */
function specOf(value: OnnxValue, side: 'input' | 'output', labels: readonly string[] | null): TensorSpec {
  const kind = labels === null ? value.kind : 'tensor';
  if (kind !== 'tensor')
    throw new Error(`${side} "${value.name}" is of kind ${kind}; this server carries tensors only`);
  const elementType = labels === null ? value.elementType : 1;
  const type = elementTypes.get(elementType);
  if (type === undefined)
    throw new Error(
      `${side} "${value.name}" is of type ${elementTypeName(elementType)}, which onnxruntime-node does not carry`,
    );
  return { name: value.name, type, dims: value.dims, optional: value.hasDefault, labels };
}

function withInferredShape(output: TensorSpec, shape: readonly (number | string)[]): TensorSpec {
  if (output.dims !== null || shape.length === 0) return output;
  return { ...output, dims: shape.map((dim) => (typeof dim === 'number' ? dim : null)) };
}
