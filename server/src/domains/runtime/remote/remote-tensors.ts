import { CallError } from '../model-server/call-error.ts';
import type { ElementType } from '../model-server/elements.ts';
import { elementTypes, putRow } from '../model-server/elements.ts';
import type { RuntimeTensors } from '../model-server/engine.ts';
import { readJson } from '../model-server/json.ts';
import { isObject } from '../model-server/records.ts';
import {
  nestedDims,
  putNested,
  sizeOf,
  type TensorSpec,
  type TensorValue,
  writeRow,
} from '../model-server/tensors.ts';

/** Tensors of the Open Inference Protocol as another server describes, takes and gives them. */
const byDatatype = new Map<string, ElementType>([...elementTypes.values()].map((t) => [t.datatype, t]));

export interface RemoteTensors {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** From `GET /v2/models/{name}`. Throws in words what /invocations cannot be translated into. */
export function readMetadata(metadata: unknown): RemoteTensors {
  const { inputs, outputs } = isObject(metadata) ? metadata : {};
  const [taken, given] = [specs(inputs, 'input'), specs(outputs, 'output')];
  if (taken.length === 0 || given.length === 0)
    throw new Error('the server does not say which tensors the model takes and gives');
  return { inputs: taken, outputs: given };
}

function specs(tensors: unknown, side: 'input' | 'output'): TensorSpec[] {
  if (!Array.isArray(tensors)) return [];
  return tensors.map((tensor: unknown) => {
    const { name, datatype, shape } = isObject(tensor) ? tensor : {};
    if (typeof name !== 'string') throw new Error(`an ${side} of the model has no name`);
    const type = byDatatype.get(String(datatype));
    if (type === undefined)
      throw new Error(`${side} "${name}" is of type ${String(datatype)}, which JSON and CSV cannot carry`);
    const dims = Array.isArray(shape)
      ? shape.map((dim) => (Number.isSafeInteger(Number(dim)) && Number(dim) >= 0 ? Number(dim) : null))
      : null;
    return { name, type, dims, optional: false, labels: null };
  });
}

export function inferRequest(
  inputs: readonly TensorSpec[],
  given: ReadonlyMap<string, TensorValue>,
  outputs: readonly string[],
): string {
  const tensors = inputs.flatMap((spec) => {
    const tensor = given.get(spec.name);
    if (tensor === undefined) return [];
    const { dims, values } = tensor;
    return [
      `{"name":${JSON.stringify(spec.name)},"datatype":"${spec.type.datatype}","shape":[${dims.join(',')}],` +
        `"data":[${writeRow(spec.type, values, 0, values.length)}]}`,
    ];
  });
  const wanted = outputs.map((name) => ({ name }));
  return `{"inputs":[${tensors.join(',')}],"outputs":${JSON.stringify(wanted)}}`;
}

/** What the other server answered; what does not fit its own description is its fault, never the caller's. */
export function readOutputs(outputs: readonly TensorSpec[], text: string): RuntimeTensors {
  const wide = outputs.some((spec) => spec.type.kind === 'integer64');
  try {
    const body = readJson(text, wide);
    const answered = isObject(body) && Array.isArray(body.outputs) ? (body.outputs as unknown[]) : [];
    return Object.fromEntries(
      outputs.map((spec) => {
        const tensor = answered.find((t) => isObject(t) && t.name === spec.name);
        if (!isObject(tensor)) throw new Error(`there is no output "${spec.name}"`);
        return [spec.name, readOutput(spec, tensor)];
      }),
    );
  } catch (error) {
    throw new CallError(502, `the answer of the model's server cannot be read: ${(error as Error).message}`);
  }
}

function readOutput(spec: TensorSpec, { datatype, shape, data }: Record<string, unknown>) {
  if (datatype !== spec.type.datatype)
    throw new Error(
      `output "${spec.name}" is of type ${String(datatype)}, it was declared as ${spec.type.datatype}`,
    );
  const dims = Array.isArray(shape) ? shape.map(Number) : [];
  if (!Array.isArray(data) || !dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0))
    throw new Error(`output "${spec.name}" has no shape and data`);
  const size = sizeOf(dims);
  const values = spec.type.make(size);
  const nested = nestedDims(data, spec.name);
  if (sizeOf(nested) !== size)
    throw new Error(`output "${spec.name}" has ${sizeOf(nested)} values, its shape says ${size}`);
  if (nested.length <= 1) putRow(spec.type, values, 0, data, spec.name);
  else putNested(spec, values, 0, data, nested);
  return { type: spec.type.runtime, dims, data: values };
}
