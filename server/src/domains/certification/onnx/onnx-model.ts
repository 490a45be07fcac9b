/** What Souk knows of an ONNX model without its weights. */
export type OnnxDimension = number | string | null;

export type OnnxValue = {
  readonly name: string;
  /** `tensor` travels over the wire; the others do not. */
  readonly kind: 'tensor' | 'sparse tensor' | 'sequence' | 'map' | 'optional' | 'opaque' | 'unknown';
  /** The element type (`float32`, `int64`, `string`...); null when absent or not a tensor. */
  readonly elementType: string | null;
  /** A number, a symbolic name, or null where any size goes; null as a whole when even the rank is free. */
  readonly shape: readonly OnnxDimension[] | null;
};

export type OnnxOpset = { readonly domain: string; readonly version: number };

export type OnnxOperatorUse = {
  /** '' is ONNX's own domain. */
  readonly domain: string;
  readonly name: string;
  /** The operator set that this use falls under; null when the model does not import its domain. */
  readonly opset: number | null;
  readonly count: number;
  /** The first node with it, to find the place; may be empty. */
  readonly firstNode: string;
};

export type OnnxExternalTensor = {
  readonly tensor: string;
  readonly location: string;
  readonly offsetBytes: number;
  /** Null: to the end of the file. */
  readonly lengthBytes: number | null;
  /** What dimensions and type ask for; null when the type has no fixed size. */
  readonly neededBytes: number | null;
};

export type OnnxStringNormalizer = {
  readonly node: string;
  readonly caseChange: string;
  readonly caseSensitive: boolean;
  readonly stopwords: boolean;
  readonly locale: string;
};

export type OnnxModel = {
  readonly irVersion: number | null;
  readonly producer: string;
  readonly opsets: readonly OnnxOpset[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly operators: readonly OnnxOperatorUse[];
  /** Functions defined in the model itself, as `domain::name`. */
  readonly functions: readonly string[];
  readonly externalTensors: readonly OnnxExternalTensor[];
  readonly stringNormalizers: readonly OnnxStringNormalizer[];
  readonly hasTrainingInfo: boolean;
  readonly parameterCount: number;
};

/** TensorProto.DataType: name and bits per element (0: no fixed size). */
export const elementTypes: readonly (readonly [name: string, bits: number])[] = [
  ['undefined', 0],
  ['float32', 32],
  ['uint8', 8],
  ['int8', 8],
  ['uint16', 16],
  ['int16', 16],
  ['int32', 32],
  ['int64', 64],
  ['string', 0],
  ['bool', 8],
  ['float16', 16],
  ['float64', 64],
  ['uint32', 32],
  ['uint64', 64],
  ['complex64', 64],
  ['complex128', 128],
  ['bfloat16', 16],
  ['float8e4m3fn', 8],
  ['float8e4m3fnuz', 8],
  ['float8e5m2', 8],
  ['float8e5m2fnuz', 8],
  ['uint4', 4],
  ['int4', 4],
  ['float4e2m1', 4],
  ['float8e8m0', 8],
  ['uint2', 2],
  ['int2', 2],
];
