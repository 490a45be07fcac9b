/**
 * The little of ONNX's protobuf that a small model needs, written by hand so that training has no dependencies and the
 * same numbers always give the same bytes. Field numbers are those of onnx.proto (IR version 8).
 */
export type Bytes = Uint8Array<ArrayBuffer>;

const utf8 = new TextEncoder();

function concat(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function varint(value: number | bigint): Bytes {
  // Negative int64 values are written as their 64-bit two's complement, as protobuf demands.
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return new Uint8Array(bytes);
}

/** A number field (wire type 0). */
export function int(field: number, value: number | bigint): Bytes {
  return concat([varint(field << 3), varint(value)]);
}

/** A string, bytes or message field (wire type 2). */
export function block(field: number, value: string | readonly Uint8Array[] | Uint8Array): Bytes {
  const body =
    typeof value === 'string' ? utf8.encode(value) : value instanceof Uint8Array ? value : concat(value);
  return concat([varint((field << 3) | 2), varint(body.length), body]);
}

export const elementType = { float: 1, int64: 7, string: 8 } as const;

/** TensorProto holding float32 values as little-endian raw data. */
export function floatTensor(name: string, dims: readonly number[], values: readonly number[]): Bytes {
  const raw = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => {
    raw.setFloat32(i * 4, value, true);
  });
  return concat([
    ...dims.map((d) => int(1, d)),
    int(2, elementType.float),
    block(8, name),
    block(9, new Uint8Array(raw.buffer)),
  ]);
}

/** TensorProto holding strings; ONNX keeps these in string_data, never in raw data. */
export function stringTensor(name: string, values: readonly string[]): Bytes {
  return concat([
    int(1, values.length),
    int(2, elementType.string),
    ...values.map((value) => block(6, value)),
    block(8, name),
  ]);
}

/** ValueInfoProto: a named tensor; a dimension given as text is symbolic (any size, same name means same size). */
export function tensorInfo(name: string, type: number, dims: readonly (number | string)[]): Bytes {
  const shape = dims.map((d) => block(1, typeof d === 'string' ? block(2, d) : int(1, d)));
  return concat([block(1, name), block(2, block(1, [int(1, type), block(2, shape)]))]);
}

/** AttributeProto of an integer. */
export function intAttribute(name: string, value: number): Bytes {
  return concat([block(1, name), int(3, value), int(20, 2)]);
}

export type Node = {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly Uint8Array[];
  readonly domain?: string;
};

export function node(given: Node): Bytes {
  return concat([
    ...given.inputs.map((name) => block(1, name)),
    ...given.outputs.map((name) => block(2, name)),
    block(4, given.operator),
    ...(given.attributes ?? []).map((attribute) => block(5, attribute)),
    ...(given.domain === undefined ? [] : [block(7, given.domain)]),
  ]);
}

export type Model = {
  readonly name: string;
  readonly nodes: readonly Uint8Array[];
  readonly initializers: readonly Uint8Array[];
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
  readonly opset: number;
  readonly producer?: string;
  readonly description?: string;
  /** ModelProto fields beyond these, already encoded. */
  readonly more?: readonly Uint8Array[];
};

/** ModelProto, complete: the bytes of an .onnx file. */
export function model(given: Model): Bytes {
  const graph = [
    ...given.nodes.map((one) => block(1, one)),
    block(2, given.name),
    ...given.initializers.map((one) => block(5, one)),
    ...given.inputs.map((one) => block(11, one)),
    ...given.outputs.map((one) => block(12, one)),
  ];
  return concat([
    int(1, 8),
    ...(given.producer === undefined ? [] : [block(2, given.producer)]),
    ...(given.description === undefined ? [] : [block(6, given.description)]),
    block(7, graph),
    block(8, [block(1, ''), int(2, given.opset)]),
    ...(given.more ?? []),
  ]);
}
