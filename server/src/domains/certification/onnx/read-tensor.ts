import { elementTypes } from './onnx-model.ts';
import { fieldsOf, numbersOf, ProtobufProblem, textOf } from './protobuf.ts';
import type { Walk } from './read-graph.ts';

type Span = { readonly from: number; readonly to: number };

const externalMax = 200_000;

/** TensorProto: name, size and where the data lie; the data themselves are skipped. Returns the name. */
export function readTensor(walk: Walk, span: Span, depth: number): string {
  const { source, budget } = walk;
  let name = '';
  let type = 0;
  let elements = 1;
  let isExternal = false;
  const external = new Map<string, string>();
  for (const field of fieldsOf(source, span.from, span.to, depth, budget)) {
    if (field.number === 1) for (const dim of numbersOf(source, field, 64)) elements *= dim;
    else if (field.number === 2 && field.wire === 'varint') type = field.value;
    else if (field.number === 14 && field.wire === 'varint') isExternal = field.value === 1;
    else if (field.number === 8 && field.wire === 'block') name = textOf(source, field);
    else if (field.number === 13 && field.wire === 'block' && external.size < 16) {
      const [key, value] = readEntry(walk, field, depth + 1);
      external.set(key, value);
    }
  }
  walk.totals.parameters += Math.max(0, elements);
  if (isExternal) {
    if (walk.externalTensors.length >= externalMax)
      throw new ProtobufProblem('too many tensors lie outside the model', true);
    const bits = elementTypes[type]?.[1] ?? 0;
    walk.externalTensors.push({
      tensor: name,
      location: external.get('location') ?? '',
      offsetBytes: Number(external.get('offset') ?? '0'),
      lengthBytes: external.has('length') ? Number(external.get('length')) : null,
      neededBytes: bits === 0 ? null : Math.ceil((elements * bits) / 8),
    });
  }
  return name;
}

function readEntry(walk: Walk, span: Span, depth: number): [key: string, value: string] {
  let key = '';
  let value = '';
  for (const field of fieldsOf(walk.source, span.from, span.to, depth, walk.budget)) {
    if (field.wire !== 'block') continue;
    if (field.number === 1) key = textOf(walk.source, field);
    else if (field.number === 2) value = textOf(walk.source, field, 4096);
  }
  return [key, value];
}

/** SparseTensorProto: two tensors; its name is that of its values. */
export function readSparseTensor(walk: Walk, span: Span, depth: number): string {
  let name = '';
  for (const field of fieldsOf(walk.source, span.from, span.to, depth, walk.budget)) {
    if (field.wire !== 'block') continue;
    if (field.number === 1) name = readTensor(walk, field, depth + 1);
    else if (field.number === 2) readTensor(walk, field, depth + 1);
  }
  return name;
}
