import { type Bytes, type Field, FileBytes, fields, textOf, varintsOf } from './protobuf.ts';

/**
 * What the server must know of a model file and onnxruntime-node does not tell: which inputs have a default, whether a
 * shape is declared at all (its metadata writes "no shape" and "scalar" alike), and the ZipMap nodes whose outputs it
 * cannot return. Field numbers are those of onnx.proto.
 */
export interface OnnxFile {
  readonly irVersion: number;
  readonly importsDefaultDomain: boolean;
  /** Inputs without a default must be given; the others may be. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly zipMaps: readonly ZipMap[];
  readonly hasExternalData: boolean;
}

export interface OnnxValue {
  readonly name: string;
  readonly kind: 'tensor' | 'sequence' | 'map' | 'optional' | 'sparse tensor' | 'unknown';
  /** TensorProto.DataType; 0 when it is not a tensor. */
  readonly elementType: number;
  /** Null where nothing is declared: the whole shape, or one dimension. */
  readonly dims: readonly (number | null)[] | null;
  readonly hasDefault: boolean;
}

/** A ZipMap turns a tensor of probabilities into a list of maps from label to probability. */
export interface ZipMap {
  readonly source: string;
  readonly output: string;
  readonly labels: readonly string[];
}

export const onnxFields = {
  model: { irVersion: 1, graph: 7, opsetImport: 8 },
  graph: { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 },
  node: { input: 1, output: 2, opType: 4, attribute: 5 },
  value: { name: 1, type: 2 },
  initializer: { name: 8, externalData: 13 },
} as const;

const kinds = {
  1: 'tensor',
  4: 'sequence',
  5: 'map',
  8: 'sparse tensor',
  9: 'optional',
} as const;

export function readOnnxFile(path: string): OnnxFile {
  using bytes = new FileBytes(path);
  return readOnnx(bytes);
}

export function readOnnx(bytes: Bytes): OnnxFile {
  let irVersion = 0;
  let graph: Field | undefined;
  let importsDefaultDomain = false;
  for (const field of fields(bytes, 0, bytes.length)) {
    if (field.number === onnxFields.model.irVersion) irVersion = field.value;
    else if (field.number === onnxFields.model.graph) graph = field;
    else if (field.number === onnxFields.model.opsetImport) {
      const domain = firstText(bytes, field, 1);
      importsDefaultDomain ||= domain === undefined || domain === '' || domain === 'ai.onnx';
    }
  }
  if (graph === undefined) throw new Error('the file holds no ONNX graph');
  const declared: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const zipMaps: ZipMap[] = [];
  const initializers = new Set<string>();
  let hasExternalData = false;
  for (const field of fields(bytes, graph.start, graph.end)) {
    if (field.number === onnxFields.graph.node) {
      const zipMap = readZipMap(bytes, field);
      if (zipMap !== undefined) zipMaps.push(zipMap);
    } else if (field.number === onnxFields.graph.initializer) {
      for (const part of fields(bytes, field.start, field.end)) {
        if (part.number === onnxFields.initializer.name) initializers.add(textOf(bytes, part));
        else if (part.number === onnxFields.initializer.externalData) hasExternalData = true;
      }
    } else if (field.number === onnxFields.graph.input) declared.push(readValue(bytes, field));
    else if (field.number === onnxFields.graph.output) outputs.push(readValue(bytes, field));
  }
  const inputs = declared
    .map((input) => ({ ...input, hasDefault: initializers.has(input.name) }))
    // Before IR version 4 every weight had to be listed as an input, and onnxruntime takes none of them from a caller.
    .filter((input) => !input.hasDefault || irVersion >= 4);
  return { irVersion, importsDefaultDomain, inputs, outputs, zipMaps, hasExternalData };
}

/** Undefined when the node is of another kind: most are, and only their operator's name is read. */
export function readZipMap(bytes: Bytes, node: Field): ZipMap | undefined {
  if (firstText(bytes, node, onnxFields.node.opType) !== 'ZipMap') return undefined;
  const labels: string[] = [];
  for (const field of fields(bytes, node.start, node.end)) {
    if (field.number !== onnxFields.node.attribute) continue;
    const attribute = firstText(bytes, field, 1);
    for (const part of fields(bytes, field.start, field.end)) {
      if (attribute === 'classlabels_strings' && part.number === 9) labels.push(textOf(bytes, part));
      if (attribute === 'classlabels_int64s' && part.number === 8)
        for (const label of varintsOf(bytes, part)) labels.push(`${label}`);
    }
  }
  return {
    source: firstText(bytes, node, onnxFields.node.input) ?? '',
    output: firstText(bytes, node, onnxFields.node.output) ?? '',
    labels,
  };
}

export function firstText(bytes: Bytes, message: Field, number: number): string | undefined {
  for (const field of fields(bytes, message.start, message.end))
    if (field.number === number) return textOf(bytes, field);
  return undefined;
}

function readValue(bytes: Bytes, value: Field): OnnxValue {
  let name = '';
  let kind: OnnxValue['kind'] = 'unknown';
  let elementType = 0;
  let dims: (number | null)[] | null = null;
  for (const field of fields(bytes, value.start, value.end)) {
    if (field.number === onnxFields.value.name) name = textOf(bytes, field);
    if (field.number !== onnxFields.value.type) continue;
    for (const type of fields(bytes, field.start, field.end)) {
      const known = kinds[type.number as keyof typeof kinds];
      if (known === undefined) continue;
      kind = known;
      if (known !== 'tensor') continue;
      for (const part of fields(bytes, type.start, type.end)) {
        if (part.number === 1) elementType = part.value;
        if (part.number === 2)
          dims = [...fields(bytes, part.start, part.end)].map((d) => dimension(bytes, d));
      }
    }
  }
  return { name, kind, elementType, dims, hasDefault: false };
}

function dimension(bytes: Bytes, dim: Field): number | null {
  // Some exporters write -1 for a dimension that varies, which as a varint reads as a number near 2^64.
  for (const field of fields(bytes, dim.start, dim.end))
    if (field.number === 1 && field.value < 2 ** 53) return field.value;
  return null;
}
