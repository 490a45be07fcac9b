import type { ByteSource } from './byte-source.ts';
import { elementTypes, type OnnxDimension, type OnnxValue } from './onnx-model.ts';
import { type Budget, fieldsOf, ProtobufProblem, textOf } from './protobuf.ts';

type Span = { readonly from: number; readonly to: number };
type Type = Pick<OnnxValue, 'kind' | 'elementType' | 'shape'>;

const kinds: Readonly<Record<number, OnnxValue['kind']>> = {
  1: 'tensor',
  4: 'sequence',
  5: 'map',
  7: 'opaque',
  8: 'sparse tensor',
  9: 'optional',
};
const dimensionsMax = 64;

/** ValueInfoProto: the name and type of a graph's input or output. */
export function readValueInfo(source: ByteSource, span: Span, depth: number, budget: Budget): OnnxValue {
  let name = '';
  let type: Type = { kind: 'unknown', elementType: null, shape: null };
  for (const field of fieldsOf(source, span.from, span.to, depth, budget)) {
    if (field.wire !== 'block') continue;
    if (field.number === 1) name = textOf(source, field);
    else if (field.number === 2) type = readType(source, field, depth + 1, budget);
  }
  return { name, ...type };
}

function readType(source: ByteSource, span: Span, depth: number, budget: Budget): Type {
  let type: Type = { kind: 'unknown', elementType: null, shape: null };
  for (const field of fieldsOf(source, span.from, span.to, depth, budget)) {
    const kind = kinds[field.number];
    if (kind === undefined || field.wire !== 'block') continue;
    type =
      kind === 'tensor' || kind === 'sparse tensor'
        ? { kind, ...readTensorType(source, field, depth + 1, budget) }
        : { kind, elementType: null, shape: null };
  }
  return type;
}

function readTensorType(source: ByteSource, span: Span, depth: number, budget: Budget) {
  let elementType: string | null = null;
  let shape: OnnxDimension[] | null = null;
  for (const field of fieldsOf(source, span.from, span.to, depth, budget)) {
    if (field.number === 1 && field.wire === 'varint')
      elementType = elementTypes[field.value]?.[0] ?? `number ${field.value}`;
    if (field.number === 2 && field.wire === 'block') {
      shape ??= [];
      for (const dim of fieldsOf(source, field.from, field.to, depth + 1, budget)) {
        if (dim.number !== 1 || dim.wire !== 'block') continue;
        if (shape.length >= dimensionsMax) throw new ProtobufProblem('a shape has too many dimensions', true);
        shape.push(readDimension(source, dim, depth + 2, budget));
      }
    }
  }
  return { elementType, shape };
}

function readDimension(source: ByteSource, span: Span, depth: number, budget: Budget): OnnxDimension {
  let dimension: OnnxDimension = null;
  for (const field of fieldsOf(source, span.from, span.to, depth, budget)) {
    if (field.number === 1 && field.wire === 'varint') dimension = field.value;
    else if (field.number === 2 && field.wire === 'block') {
      const name = textOf(source, field, 200);
      dimension = name === '' ? null : name;
    }
  }
  return dimension;
}
