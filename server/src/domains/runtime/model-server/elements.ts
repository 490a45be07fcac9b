import { CallError } from './call-error.ts';
import { notANumber } from './json.ts';

/** Any typed array of numbers, as far as reading and writing tensors needs it. */
export interface Numbers {
  readonly length: number;
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  [index: number]: number;
  join(separator: string): string;
  subarray(start: number, end: number): Numbers;
}

export type Integers64 = BigInt64Array | BigUint64Array;
export type Values = Numbers | Integers64 | string[];

/** One row of what a tensor may hold: its name on the wire, in onnxruntime and in ONNX, and how values are kept. */
export type ElementType = {
  /** The Open Inference Protocol's name. */
  readonly datatype: string;
  /** onnxruntime's name. */
  readonly runtime: string;
} & (
  | { readonly kind: 'float' | 'bool'; readonly make: (length: number) => Numbers }
  | {
      readonly kind: 'integer';
      readonly make: (length: number) => Numbers;
      readonly min: number;
      readonly max: number;
    }
  | {
      readonly kind: 'integer64';
      readonly make: (length: number) => Integers64;
      readonly min: bigint;
      readonly max: bigint;
    }
  | { readonly kind: 'string'; readonly make: (length: number) => string[] }
);

// TypeScript's ES2024 library does not know Float16Array yet; Node 24 and Bun both have it.
const Float16 = (globalThis as unknown as { Float16Array: Float16Constructor }).Float16Array;

type Float16Constructor = {
  new (length: number): Numbers;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Numbers;
};

/** Half floats over bits that came from elsewhere. */
export function float16Over(bits: Numbers): Numbers {
  return new Float16(bits.buffer, bits.byteOffset, bits.length);
}

const integer = (datatype: string, runtime: string, min: number, max: number, make: (n: number) => Numbers) =>
  ({ datatype, runtime, kind: 'integer', min, max, make }) as const;

/** By TensorProto.DataType. What is missing here onnxruntime-node 1.30 cannot carry: BF16, float8, 4-bit, complex. */
export const elementTypes: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [1, { datatype: 'FP32', runtime: 'float32', kind: 'float', make: (n) => new Float32Array(n) }],
  [2, integer('UINT8', 'uint8', 0, 255, (n) => new Uint8Array(n))],
  [3, integer('INT8', 'int8', -128, 127, (n) => new Int8Array(n))],
  [4, integer('UINT16', 'uint16', 0, 65_535, (n) => new Uint16Array(n))],
  [5, integer('INT16', 'int16', -32_768, 32_767, (n) => new Int16Array(n))],
  [6, integer('INT32', 'int32', -(2 ** 31), 2 ** 31 - 1, (n) => new Int32Array(n))],
  [
    7,
    {
      datatype: 'INT64',
      runtime: 'int64',
      kind: 'integer64',
      make: (n) => new BigInt64Array(n),
      min: -(2n ** 63n),
      max: 2n ** 63n - 1n,
    },
  ],
  [8, { datatype: 'BYTES', runtime: 'string', kind: 'string', make: (n) => new Array<string>(n).fill('') }],
  [9, { datatype: 'BOOL', runtime: 'bool', kind: 'bool', make: (n) => new Uint8Array(n) }],
  [10, { datatype: 'FP16', runtime: 'float16', kind: 'float', make: (n) => new Float16(n) }],
  [11, { datatype: 'FP64', runtime: 'float64', kind: 'float', make: (n) => new Float64Array(n) }],
  [12, integer('UINT32', 'uint32', 0, 2 ** 32 - 1, (n) => new Uint32Array(n))],
  [
    13,
    {
      datatype: 'UINT64',
      runtime: 'uint64',
      kind: 'integer64',
      make: (n) => new BigUint64Array(n),
      min: 0n,
      max: 2n ** 64n - 1n,
    },
  ],
]);

/** Names of the types above and of those that only a message can name. */
export function elementTypeName(onnxType: number): string {
  const others: Readonly<Record<number, string>> = {
    14: 'COMPLEX64',
    15: 'COMPLEX128',
    16: 'BFLOAT16',
    17: 'FLOAT8E4M3FN',
    18: 'FLOAT8E4M3FNUZ',
    19: 'FLOAT8E5M2',
    20: 'FLOAT8E5M2FNUZ',
    21: 'UINT4',
    22: 'INT4',
    23: 'FLOAT4E2M1',
  };
  return elementTypes.get(onnxType)?.datatype ?? others[onnxType] ?? `element type ${onnxType}`;
}

/**
 * Puts a run of parsed JSON values into a tensor, from `at` on. The loops are per kind because this is where a large
 * request spends its time.
 */
export function putRow(
  type: ElementType,
  into: Values,
  at: number,
  row: readonly unknown[],
  input: string,
): void {
  switch (type.kind) {
    case 'float': {
      const target = into as Numbers;
      for (let i = 0; i < row.length; i++) {
        const value = row[i];
        target[at + i] = typeof value === 'number' ? value : floatOf(value, input, type, at + i);
      }
      return;
    }
    case 'integer': {
      const target = into as Numbers;
      for (let i = 0; i < row.length; i++) {
        const value = row[i];
        if (typeof value !== 'number' || !Number.isInteger(value) || value < type.min || value > type.max)
          throw refused(value, input, type, at + i, `an integer from ${type.min} to ${type.max}`);
        target[at + i] = value;
      }
      return;
    }
    case 'integer64': {
      const target = into as Integers64;
      for (let i = 0; i < row.length; i++) target[at + i] = wideOf(row[i], input, type, at + i);
      return;
    }
    case 'bool': {
      const target = into as Numbers;
      for (let i = 0; i < row.length; i++) {
        const value = row[i];
        if (value !== true && value !== false && value !== 0 && value !== 1)
          throw refused(value, input, type, at + i, 'true, false, 1 or 0');
        target[at + i] = Number(value);
      }
      return;
    }
    case 'string': {
      const target = into as string[];
      for (let i = 0; i < row.length; i++) {
        const value = row[i];
        if (typeof value !== 'string' || value === notANumber)
          throw refused(value, input, type, at + i, 'a string');
        // onnxruntime-node hands strings over as C strings: what follows a NUL would be lost without a word.
        if (value.includes('\0'))
          throw refused(value, input, type, at + i, 'a string without NUL characters');
        target[at + i] = value;
      }
    }
  }
}

function floatOf(value: unknown, input: string, type: ElementType, at: number): number {
  if (value === notANumber || value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  if (typeof value === 'bigint') return Number(value);
  throw refused(value, input, type, at, 'a number, "NaN", "Infinity" or "-Infinity"');
}

const decimalInteger = /^-?\d{1,20}$/;

function wideOf(
  value: unknown,
  input: string,
  type: Extract<ElementType, { kind: 'integer64' }>,
  at: number,
): bigint {
  let wide: bigint | undefined;
  if (typeof value === 'bigint') wide = value;
  else if (Number.isSafeInteger(value)) wide = BigInt(value as number);
  // JavaScript callers cannot write a 64-bit number exactly other than as a string.
  else if (typeof value === 'string' && decimalInteger.test(value)) wide = BigInt(value);
  if (wide === undefined || wide < type.min || wide > type.max)
    throw refused(value, input, type, at, `an integer from ${type.min} to ${type.max}`);
  return wide;
}

function refused(value: unknown, input: string, type: ElementType, at: number, expected: string): CallError {
  return new CallError(
    400,
    `input "${input}": value ${shown(value)} at position ${at} is not ${type.datatype}: expected ${expected}`,
  );
}

function shown(value: unknown): string {
  if (value === notANumber) return 'NaN';
  if (typeof value === 'bigint') return `${value}`;
  if (Array.isArray(value)) return 'of an array';
  if (typeof value === 'object' && value !== null) return 'of an object';
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
