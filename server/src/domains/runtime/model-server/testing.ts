import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHandler, type Handler } from './handler.ts';
import { Models } from './models.ts';
import { writeField, writeNumber, writeText } from './protobuf.ts';

/** Real ONNX models, small enough to be read in a test, and the real handler over them. */
export interface ValueToWrite {
  readonly name: string;
  /** TensorProto.DataType; 1 is float. */
  readonly type?: number;
  /** Null: no shape declared. A string is a dimension that varies. */
  readonly dims?: readonly (number | string)[] | null;
}

export interface NodeToWrite {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly domain?: string;
  readonly attributes?: readonly Uint8Array[];
}

export interface ModelToWrite {
  readonly inputs: readonly ValueToWrite[];
  readonly outputs: readonly (ValueToWrite | Uint8Array)[];
  readonly nodes: readonly NodeToWrite[];
  readonly initializers?: readonly Uint8Array[];
  readonly irVersion?: number;
}

export function writeModel(model: ModelToWrite): Uint8Array {
  const graph = writeField(
    7,
    ...model.nodes.map(writeNode),
    writeText(2, 'g'),
    ...(model.initializers ?? []).map((tensor) => writeField(5, tensor)),
    ...model.inputs.map((input) => writeField(11, writeValue(input))),
    ...model.outputs.map((output) =>
      writeField(12, output instanceof Uint8Array ? output : writeValue(output)),
    ),
  );
  const opset = (domain: string, version: number) =>
    writeField(8, writeText(1, domain), writeNumber(2, version));
  return Buffer.concat([writeNumber(1, model.irVersion ?? 8), graph, opset('', 17), opset('ai.onnx.ml', 3)]);
}

function writeNode({ op, inputs, outputs, domain, attributes }: NodeToWrite): Uint8Array {
  return writeField(
    1,
    ...inputs.map((name) => writeText(1, name)),
    ...outputs.map((name) => writeText(2, name)),
    writeText(4, op),
    ...(attributes ?? []).map((attribute) => writeField(5, attribute)),
    ...(domain === undefined ? [] : [writeText(7, domain)]),
  );
}

function writeValue({ name, type = 1, dims = ['N'] }: ValueToWrite): Uint8Array {
  const shape =
    dims === null
      ? []
      : [
          writeField(
            2,
            ...dims.map((dim) =>
              writeField(1, typeof dim === 'number' ? writeNumber(1, dim) : writeText(2, dim)),
            ),
          ),
        ];
  return Buffer.concat([writeText(1, name), writeField(2, writeField(1, writeNumber(1, type), ...shape))]);
}

export function floatTensor(name: string, dims: readonly number[], values: readonly number[]): Uint8Array {
  const raw = new Uint8Array(Float32Array.from(values).buffer);
  return Buffer.concat([
    ...dims.map((dim) => writeNumber(1, dim)),
    writeNumber(2, 1),
    writeText(8, name),
    writeField(9, raw),
  ]);
}

export function identityModel(type: number, dims: readonly (number | string)[] | null = ['N']): Uint8Array {
  return writeModel({
    inputs: [{ name: 'x', type, dims }],
    outputs: [{ name: 'y', type, dims }],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
  });
}

/** y = x + bias, where bias has the default 10 and may be given. */
export function optionalInputModel(): Uint8Array {
  return writeModel({
    inputs: [{ name: 'x' }, { name: 'bias', dims: [1] }],
    outputs: [{ name: 'y' }],
    nodes: [{ op: 'Add', inputs: ['x', 'bias'], outputs: ['y'] }],
    initializers: [floatTensor('bias', [1], [10])],
  });
}

/** A scikit-learn export in small: probabilities pass through, and a ZipMap names them at the output. */
export function zipMapModel(): Uint8Array {
  const labels = Buffer.concat([
    writeText(1, 'classlabels_strings'),
    ...['no', 'yes'].map((label) => writeText(9, label)),
    writeNumber(20, 8),
  ]);
  const mapType = writeField(5, writeNumber(1, 8), writeField(2, writeField(1, writeNumber(1, 1))));
  const sequence = Buffer.concat([
    writeText(1, 'output_probability'),
    writeField(2, writeField(4, writeField(1, mapType))),
  ]);
  return writeModel({
    inputs: [{ name: 'x', dims: ['N', 2] }],
    outputs: [{ name: 'output_label', type: 7 }, sequence],
    nodes: [
      { op: 'ArgMax', inputs: ['x'], outputs: ['output_label'], attributes: [axis1(), keepdims0()] },
      {
        op: 'ZipMap',
        inputs: ['x'],
        outputs: ['output_probability'],
        domain: 'ai.onnx.ml',
        attributes: [labels],
      },
    ],
  });
}

const integerAttribute = (name: string, value: number) =>
  Buffer.concat([writeText(1, name), writeNumber(3, value), writeNumber(20, 2)]);
const axis1 = () => integerAttribute('axis', 1);
const keepdims0 = () => integerAttribute('keepdims', 0);

/** total = sum of a square matrix of the given shape times itself: a small file and, for [2000,2000], much work. */
export function slowModel(): Uint8Array {
  return writeModel({
    inputs: [{ name: 'shape', type: 7, dims: [2] }],
    outputs: [{ name: 'total', dims: [] }],
    nodes: [
      { op: 'ConstantOfShape', inputs: ['shape'], outputs: ['zeros'] },
      { op: 'MatMul', inputs: ['zeros', 'zeros'], outputs: ['product'] },
      { op: 'ReduceSum', inputs: ['product'], outputs: ['total'], attributes: [keepdims0()] },
    ],
  });
}

/** Two inputs, a number and a text, as exports of data frames have them. */
export function columnsModel(): Uint8Array {
  return writeModel({
    inputs: [
      { name: 'age', dims: ['N', 1] },
      { name: 'city', type: 8, dims: ['N', 1] },
    ],
    outputs: [
      { name: 'same_age', dims: ['N', 1] },
      { name: 'same_city', type: 8, dims: ['N', 1] },
    ],
    nodes: [
      { op: 'Identity', inputs: ['age'], outputs: ['same_age'] },
      { op: 'Identity', inputs: ['city'], outputs: ['same_city'] },
    ],
  });
}

/** row = table[index], which fails for an index that is not in the table. */
export function gatherModel(): Uint8Array {
  return writeModel({
    inputs: [{ name: 'index', type: 7 }],
    outputs: [{ name: 'row', dims: ['N', 2] }],
    nodes: [{ op: 'Gather', inputs: ['table', 'index'], outputs: ['row'] }],
    initializers: [floatTensor('table', [3, 2], [0, 1, 2, 3, 4, 5])],
  });
}

export function modelFolder(models: Readonly<Record<string, Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'souk-models-'));
  for (const [name, bytes] of Object.entries(models)) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'model.onnx'), bytes);
  }
  return folder;
}

export interface Served {
  readonly handler: Handler;
  readonly models: Models;
  get(path: string): Promise<Response>;
  infer(model: string, inputs: string, rest?: string): Promise<Response>;
  invoke(body: string, headers: Record<string, string>, model?: string): Promise<Response>;
}

export async function serving(
  files: Readonly<Record<string, Uint8Array>>,
  bodyBytesMax = 1_000_000,
): Promise<Served> {
  const folder = modelFolder(files);
  const models = new Models(Object.keys(files).map((name) => ({ name, path: join(folder, name) })));
  await models.load(1);
  const handler = createHandler(models, {
    bodyBytesMax,
    cores: 2,
    serverVersion: 'test',
    onFault: () => undefined,
  });
  const send = (path: string, body: string, headers: Record<string, string>) =>
    handler(
      new Request(`http://localhost${path}`, {
        method: 'POST',
        body,
        headers: { 'content-length': `${Buffer.byteLength(body)}`, ...headers },
      }),
    );
  return {
    handler,
    models,
    get: (path) => handler(new Request(`http://localhost${path}`)),
    infer: (model, inputs, rest = '') =>
      send(`/v2/models/${encodeURIComponent(model)}/infer`, `{"inputs":[${inputs}]${rest}}`, {}),
    invoke: (body, headers, model) =>
      send('/invocations', body, {
        ...headers,
        ...(model === undefined ? {} : { 'x-amzn-sagemaker-target-model': model }),
      }),
  };
}

export async function errorOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: string }).error;
}
