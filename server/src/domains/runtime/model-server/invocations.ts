import { readText } from './body.ts';
import { CallError } from './call-error.ts';
import { columnsOfCsv, csvFields, quoted } from './csv.ts';
import type { RuntimeTensors } from './engine.ts';
import { readCall, takesIntegers64, unknownInput, writeAnswer } from './inference-v2.ts';
import { readJson } from './json.ts';
import { type Format, inputFormat, outputFormat } from './media-types.ts';
import type { Model } from './model.ts';
import { type Columns, columnsOfRecords, isObject, requiredInputs, runsOf } from './records.ts';
import { readNested, sizeOf, type TensorSpec, type TensorValue, writeNested } from './tensors.ts';

/** The answer of a container to POST /invocations: text and its type. */
export interface Answer {
  readonly format: Format;
  readonly text: string;
}

/** What the caller sent decides how the answer is laid out; the table is in README.md. */
export async function invoke(model: Model, request: Request, bytesMax: number): Promise<Answer> {
  const sent = inputFormat(request.headers.get('content-type'));
  const wanted = outputFormat(request.headers.get('accept'), sent.format);
  const takesText = model.inputs.some((input) => input.type.kind === 'string');
  const text = await readText(request, bytesMax, sent.charset, takesText);
  const answer = (layout: Layout, results: readonly Result[]): Answer => ({
    format: wanted.format,
    text:
      wanted.format === 'csv'
        ? csvText(model, results, wanted.hasHeaderLine)
        : jsonText(model, layout, results),
  });
  if (sent.format === 'csv')
    return answer('predictions', await runRecords(model, columnsOfCsv(model, text, sent.hasHeaderLine)));
  const body = readJson(text, takesIntegers64(model));
  const records = recordsIn(model, body);
  if (records !== undefined) {
    if (records.length === 0) return answer('predictions', []);
    return answer('predictions', await runRecords(model, columnsOfRecords(model, records)));
  }
  if (!isObject(body)) throw new CallError(400, `the body must be an object or an array of records`);
  if (isProtocolCall(body)) {
    const call = readCall(model, text);
    if (call.binaryOutputs.size > 0)
      throw new CallError(400, 'tensors as bytes are answered by /v2/models/{name}/infer only');
    const answer = writeAnswer(model, call, await model.run(call.inputs, call.outputs));
    return { format: 'json', text: answer.text };
  }
  const isWrapped = 'inputs' in body && !model.inputByName.has('inputs');
  const tensors = namedTensors(model, isWrapped ? body.inputs : body);
  const results = await model.run(tensors, model.outputNames);
  return answer(isWrapped ? 'outputs' : 'names', [{ results, records: null }]);
}

type Layout = 'predictions' | 'outputs' | 'names';

interface Result {
  readonly results: RuntimeTensors;
  /** Null when the caller gave whole tensors. */
  readonly records: number | null;
}

function recordsIn(model: Model, body: unknown): readonly unknown[] | undefined {
  if (Array.isArray(body)) return body;
  if (!isObject(body) || !('instances' in body) || model.inputByName.has('instances')) return undefined;
  if (!Array.isArray(body.instances)) throw new CallError(400, '"instances" must be an array of records');
  return body.instances;
}

/** An Open Inference Protocol body is answered as such here too: endpoints that pass on /invocations only need no more. */
function isProtocolCall(body: Record<string, unknown>): boolean {
  const { inputs } = body;
  return Array.isArray(inputs) && isObject(inputs[0]) && 'datatype' in inputs[0];
}

function namedTensors(model: Model, given: unknown): Map<string, TensorValue> {
  const [only, ...others] = requiredInputs(model);
  if (!isObject(given)) {
    if (only === undefined || others.length > 0)
      throw new CallError(
        400,
        '"inputs" must be an object of arrays by input name, for this model takes several',
      );
    return new Map([[only.name, readNested(only, given)]]);
  }
  const tensors = new Map<string, TensorValue>();
  for (const name of Object.keys(given)) {
    const spec = model.inputByName.get(name);
    if (spec === undefined) throw unknownInput(model, name);
    tensors.set(name, readNested(spec, given[name]));
  }
  return tensors;
}

async function runRecords(model: Model, columns: Columns): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const run of runsOf(model, columns))
    results.push({ results: await model.run(run.given, model.outputNames), records: run.records });
  return results;
}

function jsonText(model: Model, layout: Layout, results: readonly Result[]): string {
  if (layout === 'predictions') {
    const predictions = results.flatMap((result) => slices(model, result).map((slice) => prediction(slice)));
    return `{"predictions":[${predictions.join(',')}]}`;
  }
  const members = results.flatMap(({ results: tensors }) =>
    model.outputs.map((spec) => {
      const tensor = tensorOf(tensors, spec);
      return `${JSON.stringify(spec.name)}:${writeNested(spec.type, tensor, spec.labels)}`;
    }),
  );
  return layout === 'outputs' ? `{"outputs":{${members.join(',')}}}` : `{${members.join(',')}}`;
}

/** One record's part of one output: `size` values from `start` on, nested below `depth`. */
interface Slice {
  readonly spec: TensorSpec;
  readonly tensor: TensorValue;
  readonly depth: number;
  readonly start: number;
  readonly size: number;
}

function prediction(outputs: readonly Slice[]): string {
  const texts = outputs.map(({ spec, tensor, depth, start }) =>
    writeNested(spec.type, tensor, spec.labels, depth, start),
  );
  if (texts.length === 1) return texts.join('');
  return `{${texts.map((text, i) => `${JSON.stringify(outputs[i]?.spec.name)}:${text}`).join(',')}}`;
}

/** Cuts the outputs of a run into records, along their first dimensions. */
function slices(model: Model, { results, records }: Result): Slice[][] {
  const tensors = model.outputs.map((spec) => ({ spec, tensor: tensorOf(results, spec) }));
  const count = records ?? tensors[0]?.tensor.dims[0] ?? 1;
  const apart = tensors.find(({ tensor }) => tensor.dims[0] !== count);
  if (apart !== undefined && count > 1)
    throw new CallError(
      400,
      `output "${apart.spec.name}" has the shape [${apart.tensor.dims.join(',')}] and cannot be divided into ${count} ` +
        'records: send {"inputs": {name: array}} and take JSON',
    );
  if (apart !== undefined)
    return [tensors.map((t) => ({ ...t, depth: 0, start: 0, size: t.tensor.values.length }))];
  return Array.from({ length: count }, (_, i) =>
    tensors.map(({ spec, tensor }) => {
      const size = sizeOf(tensor.dims.slice(1));
      return { spec, tensor, depth: 1, start: i * size, size };
    }),
  );
}

function tensorOf(results: RuntimeTensors, spec: TensorSpec): TensorValue {
  const tensor = results[spec.name];
  if (tensor === undefined) throw new Error(`onnxruntime gave no output "${spec.name}"`);
  return { dims: tensor.dims, values: tensor.data };
}

function csvText(model: Model, results: readonly Result[], withHeader: boolean): string {
  const lines = results.flatMap((result) => slices(model, result));
  const body = lines.map((outputs) =>
    outputs
      .map(({ spec, tensor, start, size }) => csvFields(spec.type, tensor.values, start, start + size))
      .join(','),
  );
  const [first] = lines;
  if (withHeader && first !== undefined) body.unshift(first.flatMap(columnNames).map(quoted).join(','));
  return body.length === 0 ? '' : `${body.join('\n')}\n`;
}

function columnNames({ spec, size }: Slice): string[] {
  if (size === 1 && spec.labels === null) return [spec.name];
  return Array.from({ length: size }, (_, i) => `${spec.name}_${spec.labels?.[i] ?? i}`);
}
