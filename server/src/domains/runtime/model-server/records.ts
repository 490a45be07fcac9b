import { CallError } from './call-error.ts';
import { unknownInput } from './inference-v2.ts';
import type { Model } from './model.ts';
import {
  checkDims,
  described,
  nestedDims,
  part,
  putNested,
  sizeOf,
  type TensorSpec,
  type TensorValue,
} from './tensors.ts';

/** Values by input name, one per record, as parsed from JSON or CSV. */
export type Columns = ReadonlyMap<TensorSpec, readonly unknown[]>;

/** Tensors of one run and how many records they hold. */
export interface Run {
  readonly given: ReadonlyMap<string, TensorValue>;
  readonly records: number;
}

/** JSON records: each the value of the only input, an object by input name, or a flat array of all columns in order. */
export function columnsOfRecords(model: Model, records: readonly unknown[]): Columns {
  const [first] = records;
  if (isObject(first)) return byName(model, records);
  const required = requiredInputs(model);
  const [only] = required;
  if (required.length === 1 && only !== undefined) {
    // One record without the outer brackets, as people type it: [5.1, 3.5, 1.4, 0.2].
    const isOneRecord = !Array.isArray(first) && (only.dims?.length ?? 0) > 1;
    return new Map([[only, isOneRecord ? [records] : records]]);
  }
  return dealt(model, records);
}

export function requiredInputs(model: Model): readonly TensorSpec[] {
  return model.inputs.filter((input) => !input.optional);
}

function byName(model: Model, records: readonly unknown[]): Columns {
  const columns = new Map<TensorSpec, unknown[]>();
  const names = Object.keys(records[0] as object);
  for (const name of names) {
    const spec = model.inputByName.get(name);
    if (spec === undefined) throw unknownInput(model, name);
    columns.set(spec, []);
  }
  records.forEach((record, i) => {
    if (!isObject(record)) throw new CallError(400, `record ${i + 1} is not an object as record 1 is`);
    const given = Object.keys(record);
    if (given.length !== names.length || !names.every((name) => name in record))
      throw new CallError(
        400,
        `record ${i + 1} has "${given.join('", "')}", record 1 has "${names.join('", "')}"`,
      );
    for (const [spec, values] of columns) values.push(record[spec.name]);
  });
  return columns;
}

/** Deals flat rows out to the inputs in the model's order, each taking as many columns as one record of it holds. */
export function dealt(model: Model, rows: readonly unknown[]): Columns {
  const inputs = requiredInputs(model);
  const [only] = inputs;
  const widths = inputs.map(widthOf);
  const columns = new Map<TensorSpec, unknown[]>(inputs.map((input) => [input, []]));
  const total = widths.reduce<number>((sum, width) => sum + (width ?? 0), 0);
  const varying = inputs[widths.indexOf(null)];
  if (varying !== undefined && !(inputs.length === 1 && only?.dims?.length === 2))
    throw new CallError(
      400,
      `input "${varying.name}" (${described(varying)}) cannot be given as columns, because its size varies: ` +
        'send {"inputs": {name: array}}',
    );
  rows.forEach((row, i) => {
    if (!Array.isArray(row)) throw new CallError(400, `record ${i + 1} is neither an array nor an object`);
    if (varying === undefined && row.length !== total)
      throw new CallError(
        400,
        `record ${i + 1} has ${row.length} columns, the model takes ${total}: ` +
          inputs.map((input, at) => `${widths[at]} for "${input.name}"`).join(', '),
      );
    let from = 0;
    inputs.forEach((input, at) => {
      const to = from + (widths[at] ?? row.length);
      columns.get(input)?.push(input.dims?.length === 1 ? row[from] : row.slice(from, to));
      from = to;
    });
  });
  return columns;
}

/** Columns that one record of an input takes; null when that varies. */
export function widthOf(input: TensorSpec): number | null {
  if (input.dims === null || input.dims.length === 0) return null;
  let width = 1;
  for (const dim of input.dims.slice(1)) {
    if (dim === null) return null;
    width *= dim;
  }
  return width;
}

/**
 * Stacks records into tensors along the first dimension. A model whose first dimension is fixed at 1 is run once per
 * record, so that such an export answers batches like any other.
 */
export function runsOf(model: Model, columns: Columns): readonly Run[] {
  const given = new Map<string, TensorValue>();
  let records = 0;
  for (const [spec, values] of columns) {
    records = values.length;
    given.set(spec.name, stacked(spec, values));
  }
  const perRun = model.recordsPerRun;
  if (records === 0) return [];
  if (perRun === 1 && records > 1) return singles(given, records);
  for (const [spec] of columns) {
    const tensor = given.get(spec.name);
    if (tensor !== undefined) checkDims(spec, tensor.dims);
  }
  return [{ given, records }];
}

function stacked(spec: TensorSpec, values: readonly unknown[]): TensorValue {
  if (spec.dims?.length === 0)
    throw new CallError(
      400,
      `input "${spec.name}" is a scalar, which has no records: send {"inputs": {"${spec.name}": value}}`,
    );
  const declared = spec.dims?.slice(1) ?? null;
  const nested = nestedDims(values[0], spec.name);
  const width = widthOf(spec);
  const isFlat = declared !== null && declared.length !== 1 && nested.length === 1 && nested[0] === width;
  const dims = isFlat ? declared.map((dim) => dim ?? 0) : nested;
  if (declared !== null && !fits(declared, dims) && values.length > 0)
    throw new CallError(
      400,
      `input "${spec.name}": a record has the shape [${dims.join(',')}], ` +
        `expected [${declared.map((dim) => dim ?? -1).join(',')}]`,
    );
  const size = sizeOf(dims);
  const tensor = spec.type.make(size * values.length);
  values.forEach((value, i) => {
    try {
      putNested(spec, tensor, i * size, value, nested);
    } catch (error) {
      throw error instanceof CallError && values.length > 1
        ? new CallError(error.status, `record ${i + 1}: ${error.message}`)
        : error;
    }
  });
  return { dims: [values.length, ...dims], values: tensor };
}

function fits(declared: readonly (number | null)[], dims: readonly number[]): boolean {
  return declared.length === dims.length && declared.every((dim, i) => dim === null || dim === dims[i]);
}

function singles(given: ReadonlyMap<string, TensorValue>, records: number): readonly Run[] {
  return Array.from({ length: records }, (_, i) => {
    const one = new Map<string, TensorValue>();
    for (const [name, { dims, values }] of given) {
      const size = values.length / records;
      one.set(name, { dims: [1, ...dims.slice(1)], values: part(values, i * size, (i + 1) * size) });
    }
    return { given: one, records: 1 };
  });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
