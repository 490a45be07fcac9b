import { type TensorBytes, tensorBytes } from './binary-tensors.ts';
import { CallError } from './call-error.ts';
import type { RuntimeTensors } from './engine.ts';
import { readJson } from './json.ts';
import type { Model } from './model.ts';
import {
  checkDims,
  described,
  nestedDims,
  protocolShape,
  putNested,
  sizeOf,
  type TensorSpec,
  type TensorValue,
  writeRow,
} from './tensors.ts';

/**
 * The Open Inference Protocol v2 over REST: what a call says and what it is answered, as JSON or with tensors as bytes
 * after it (binary-tensors.ts); what lies between does not know of either.
 */
export interface InferCall {
  readonly id: string | undefined;
  readonly inputs: ReadonlyMap<string, TensorValue>;
  readonly outputs: readonly string[];
  /** Those of the outputs that are answered as bytes. */
  readonly binaryOutputs: ReadonlySet<string>;
}

export interface InferAnswer {
  readonly text: string;
  /** Follows the text where outputs were asked for as bytes. */
  readonly binary: readonly Uint8Array[];
}

export const modelVersion = '1';

export function readCall(model: Model, text: string, bytes?: TensorBytes): InferCall {
  const body = readJson(text, takesIntegers64(model));
  if (!isObject(body)) throw new CallError(400, 'the body must be an object with "inputs"');
  const { id, inputs, outputs, parameters } = body;
  if (id !== undefined && typeof id !== 'string') throw new CallError(400, '"id" must be a string');
  if (!Array.isArray(inputs))
    throw new CallError(400, '"inputs" must be an array of tensors: {"name", "shape", "datatype", "data"}');
  const given = new Map<string, TensorValue>();
  for (const input of inputs) {
    const spec = specOf(model, input);
    if (given.has(spec.name)) throw new CallError(400, `input "${spec.name}" is given twice`);
    given.set(spec.name, readTensor(spec, input, bytes));
  }
  bytes?.end();
  return {
    id,
    inputs: given,
    ...readOutputs(model, outputs, flag(parameters, 'binary_data_output') ?? false),
  };
}

/** Integers beyond 2^53 cost a slower parse, so only models that take them pay. */
export function takesIntegers64(model: Model): boolean {
  return model.inputs.some((input) => input.type.kind === 'integer64');
}

function specOf(model: Model, input: unknown): TensorSpec {
  const name = isObject(input) ? input.name : undefined;
  if (typeof name !== 'string') throw new CallError(400, 'each of "inputs" must be an object with a "name"');
  const spec = model.inputByName.get(name);
  if (spec === undefined) throw unknownInput(model, name);
  return spec;
}

export function unknownInput(model: Model, name: string): CallError {
  const known = model.inputs.map((input) => `"${input.name}" (${described(input)})`).join(', ');
  return new CallError(
    400,
    `input "${name}" is unknown to model "${model.name}", which takes ${known || 'none'}`,
  );
}

function readTensor(spec: TensorSpec, tensor: Record<string, unknown>, bytes?: TensorBytes): TensorValue {
  const { datatype, shape, data, parameters } = tensor;
  const size = isObject(parameters) ? parameters.binary_data_size : undefined;
  if (size !== undefined && bytes === undefined)
    throw new CallError(
      400,
      `input "${spec.name}": "binary_data_size" needs the header Inference-Header-Content-Length: the length of the JSON`,
    );
  if (datatype !== spec.type.datatype)
    throw new CallError(
      400,
      `input "${spec.name}": datatype ${JSON.stringify(datatype) ?? 'is missing'}, expected "${spec.type.datatype}"`,
    );
  if (!isShape(shape))
    throw new CallError(
      400,
      `input "${spec.name}": "shape" must be an array of non-negative integers that fits ${described(spec)}`,
    );
  checkDims(spec, shape);
  if (size === undefined || bytes === undefined) return { dims: shape, values: readData(spec, shape, data) };
  if (data !== undefined)
    throw new CallError(400, `input "${spec.name}": give either "data" or "binary_data_size"`);
  return { dims: shape, values: bytes.take(spec, shape, size) };
}

function isShape(shape: unknown): shape is number[] {
  return Array.isArray(shape) && shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
}

/** Row-major and flat, or nested as the shape says; a scalar may be bare. */
function readData(spec: TensorSpec, shape: readonly number[], data: unknown): TensorValue['values'] {
  const size = sizeOf(shape);
  if (data === undefined) throw new CallError(400, `input "${spec.name}": "data" is missing`);
  const nested = nestedDims(data, spec.name);
  if (nested.length <= 1) {
    const count = nested[0] ?? 1;
    if (count !== size || (nested.length === 0 && shape.length > 0))
      throw new CallError(
        400,
        `input "${spec.name}": shape [${shape.join(',')}] needs ${size} values, "data" has ${count}`,
      );
    const values = spec.type.make(size);
    putNested(spec, values, 0, data, nested);
    return values;
  }
  if (nested.length !== shape.length || nested.some((dim, i) => dim !== shape[i])) {
    // With a zero in the shape the arrays end early: [[]] may stand for [1,0,3].
    if (size > 0 || sizeOf(nested) > 0)
      throw new CallError(
        400,
        `input "${spec.name}": "data" is nested as [${nested.join(',')}], shape says [${shape.join(',')}]`,
      );
    return spec.type.make(0);
  }
  const values = spec.type.make(size);
  putNested(spec, values, 0, data, nested);
  return values;
}

/** `binary`: what is asked of outputs that say nothing themselves. */
function readOutputs(
  model: Model,
  outputs: unknown,
  binary: boolean,
): Pick<InferCall, 'outputs' | 'binaryOutputs'> {
  if (outputs === undefined || (Array.isArray(outputs) && outputs.length === 0))
    return { outputs: model.outputNames, binaryOutputs: new Set(binary ? model.outputNames : []) };
  if (!Array.isArray(outputs)) throw new CallError(400, '"outputs" must be an array of {"name"}');
  const binaryOutputs = new Set<string>();
  const names = outputs.map((output) => {
    const name = isObject(output) ? output.name : undefined;
    if (typeof name !== 'string')
      throw new CallError(400, 'each of "outputs" must be an object with a "name"');
    if (!model.outputByName.has(name))
      throw new CallError(
        400,
        `output "${name}" is unknown to model "${model.name}", which gives "${model.outputNames.join('", "')}"`,
      );
    if (flag((output as { parameters?: unknown }).parameters, 'binary_data') ?? binary)
      binaryOutputs.add(name);
    return name;
  });
  return { outputs: names, binaryOutputs };
}

function flag(parameters: unknown, name: string): boolean | undefined {
  const value = isObject(parameters) ? parameters[name] : undefined;
  if (value !== undefined && typeof value !== 'boolean')
    throw new CallError(400, `the parameter "${name}" must be true or false`);
  return value;
}

export function writeAnswer(model: Model, call: InferCall, results: RuntimeTensors): InferAnswer {
  let text = `{"model_name":${JSON.stringify(model.name)},"model_version":"${modelVersion}",`;
  if (call.id !== undefined) text += `"id":${JSON.stringify(call.id)},`;
  text += '"outputs":[';
  const binary: Uint8Array[] = [];
  let separator = '';
  for (const name of call.outputs) {
    const spec = model.outputByName.get(name);
    const tensor = results[name];
    if (spec === undefined || tensor === undefined) continue;
    text +=
      `${separator}{"name":${JSON.stringify(name)},"datatype":"${spec.type.datatype}",` +
      `"shape":[${tensor.dims.join(',')}],`;
    if (call.binaryOutputs.has(name)) {
      const bytes = tensorBytes(spec.type, tensor.data);
      binary.push(bytes);
      text += `"parameters":{"binary_data_size":${bytes.length}}}`;
    } else text += `"data":[${writeRow(spec.type, tensor.data, 0, tensor.data.length)}]}`;
    separator = ',';
  }
  return { text: `${text}]}`, binary };
}

export function modelMetadata(model: Model): string {
  const tensor = (spec: TensorSpec) => ({
    name: spec.name,
    datatype: spec.type.datatype,
    shape: protocolShape(spec),
    ...(spec.optional || spec.labels !== null
      ? {
          parameters: {
            ...(spec.optional ? { optional: true } : {}),
            ...(spec.labels === null ? {} : { labels: spec.labels }),
          },
        }
      : {}),
  });
  return JSON.stringify({
    name: model.name,
    versions: [modelVersion],
    platform: 'onnxruntime_onnx',
    inputs: model.inputs.map(tensor),
    outputs: model.outputs.map(tensor),
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
