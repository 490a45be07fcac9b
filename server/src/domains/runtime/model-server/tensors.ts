import { CallError } from './call-error.ts';
import { type ElementType, type Numbers, putRow, type Values } from './elements.ts';

/** What a model declares for one input or output. Null where it declares nothing: the whole shape, or a dimension. */
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | null)[] | null;
  /** True for an input that has a default in the model. */
  readonly optional: boolean;
  /** The classes that the last dimension stands for, where the model named them in a ZipMap. */
  readonly labels: readonly string[] | null;
}

export interface TensorValue {
  readonly dims: readonly number[];
  readonly values: Values;
}

/** As the protocol writes it: -1 for a dimension that varies. */
export function protocolShape(spec: TensorSpec): number[] {
  return spec.dims === null ? [-1] : spec.dims.map((dim) => dim ?? -1);
}

export function described(spec: TensorSpec): string {
  const shape = spec.dims === null ? 'of any shape' : `[${protocolShape(spec).join(',')}]`;
  return `${spec.type.datatype} ${shape}`;
}

export function sizeOf(dims: readonly number[]): number {
  let size = 1;
  for (const dim of dims) size *= dim;
  return size;
}

/** Refuses a shape that the model would refuse, in words that name the input and the dimension. */
export function checkDims(spec: TensorSpec, dims: readonly number[]): void {
  const declared = spec.dims;
  if (declared === null) return;
  if (declared.length !== dims.length)
    throw new CallError(
      400,
      `input "${spec.name}": shape [${dims.join(',')}] has ${dims.length} dimensions, expected ${described(spec)}`,
    );
  for (let i = 0; i < dims.length; i++) {
    const expected = declared[i];
    if (typeof expected === 'number' && expected !== dims[i])
      throw new CallError(
        400,
        `input "${spec.name}": shape [${dims.join(',')}] does not fit ${described(spec)}: dimension ${i} must be ${expected}`,
      );
  }
}

// No model has more; a body of a million brackets must not become a recursion of a million calls.
const rankMax = 32;

/** The shape of a nested array, read along its first elements; `putNested` checks the others against it. */
export function nestedDims(value: unknown, input: string): number[] {
  const dims: number[] = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0]) {
    if (dims.length === rankMax)
      throw new CallError(400, `input "${input}": arrays are nested deeper than ${rankMax}`);
    dims.push(inner.length);
  }
  return dims;
}

/** Puts a nested array of exactly this shape into a tensor and returns the position after it. */
export function putNested(
  spec: TensorSpec,
  into: Values,
  at: number,
  value: unknown,
  dims: readonly number[],
  depth = 0,
): number {
  if (depth === dims.length) {
    putRow(spec.type, into, at, [value], spec.name);
    return at + 1;
  }
  const length = dims[depth];
  if (!Array.isArray(value) || value.length !== length)
    throw new CallError(
      400,
      `input "${spec.name}": the array is ragged: an array of ${length} was expected at depth ${depth + 1}, ` +
        `found ${Array.isArray(value) ? `one of ${value.length}` : 'a single value'}`,
    );
  if (depth === dims.length - 1) {
    putRow(spec.type, into, at, value, spec.name);
    return at + value.length;
  }
  let position = at;
  for (const inner of value) position = putNested(spec, into, position, inner, dims, depth + 1);
  return position;
}

/** A whole tensor given as a nested array. */
export function readNested(spec: TensorSpec, value: unknown): TensorValue {
  const nested = nestedDims(value, spec.name);
  const dims = nested.at(-1) === 0 ? emptyDims(spec, nested) : nested;
  checkDims(spec, dims);
  const values = spec.type.make(sizeOf(dims));
  putNested(spec, values, 0, value, nested);
  return { dims, values };
}

/** An empty array cannot show the dimensions below it: [] for a tensor of [-1,4] is [0,4]. */
function emptyDims(spec: TensorSpec, nested: readonly number[]): readonly number[] {
  const below = spec.dims?.slice(nested.length) ?? [];
  return [...nested, ...below.map((dim) => dim ?? 0)];
}

/**
 * Values as JSON, separated by commas. NaN and the infinities become strings ("NaN", "Infinity", "-Infinity"), since the
 * bare tokens would make the whole answer unreadable to everything but Python.
 */
export function writeRow(type: ElementType, values: Values, start: number, end: number): string {
  const row = part(values, start, end);
  switch (type.kind) {
    case 'float': {
      const numbers = row as Numbers;
      for (let i = 0; i < numbers.length; i++)
        if (!Number.isFinite(numbers[i])) return Array.from(numbers, floatText).join(',');
      return numbers.join(',');
    }
    case 'bool':
      return Array.from(row as Numbers, (value) => (value === 0 ? 'false' : 'true')).join(',');
    case 'string':
      return (row as string[]).map((value) => JSON.stringify(value)).join(',');
    default:
      return row.join(',');
  }
}

export function part(values: Values, start: number, end: number): Values {
  if (start === 0 && end === values.length) return values;
  return Array.isArray(values) ? values.slice(start, end) : values.subarray(start, end);
}

function floatText(value: number): string {
  return Number.isFinite(value) ? `${value}` : `"${value}"`;
}

/** The part of a tensor from position `start` as nested JSON arrays of the dimensions from `depth` on. */
export function writeNested(
  type: ElementType,
  tensor: TensorValue,
  labels: readonly string[] | null,
  depth = 0,
  start = 0,
): string {
  const { dims, values } = tensor;
  if (depth >= dims.length) return writeRow(type, values, start, start + 1);
  const length = dims[depth] ?? 0;
  if (depth === dims.length - 1) {
    if (labels !== null && labels.length === length) return writeMap(type, values, labels, start);
    return `[${writeRow(type, values, start, start + length)}]`;
  }
  const step = sizeOf(dims.slice(depth + 1));
  const inner: string[] = [];
  for (let i = 0; i < length; i++) inner.push(writeNested(type, tensor, labels, depth + 1, start + i * step));
  return `[${inner.join(',')}]`;
}

/** What the model's ZipMap would have returned: label to probability. */
function writeMap(type: ElementType, values: Values, labels: readonly string[], start: number): string {
  const entries = labels.map(
    (label, i) => `${JSON.stringify(label)}:${writeRow(type, values, start + i, start + i + 1)}`,
  );
  return `{${entries.join(',')}}`;
}
