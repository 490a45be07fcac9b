import type { ByteSource } from './byte-source.ts';
import type { OnnxExternalTensor, OnnxOpset, OnnxStringNormalizer, OnnxValue } from './onnx-model.ts';
import { type Budget, fieldsOf, ProtobufProblem, textOf } from './protobuf.ts';
import { readSparseTensor, readTensor } from './read-tensor.ts';
import { readValueInfo } from './read-value.ts';

type Span = { readonly from: number; readonly to: number };

type Use = { domain: string; name: string; count: number; firstNode: string; inFunction: string | null };

/** What is gathered while walking a model's graphs, subgraphs and functions. */
export type Walk = {
  readonly source: ByteSource;
  readonly budget: Budget;
  readonly inputs: OnnxValue[];
  readonly outputs: OnnxValue[];
  readonly initializers: Set<string>;
  readonly externalTensors: OnnxExternalTensor[];
  readonly stringNormalizers: OnnxStringNormalizer[];
  readonly functions: Map<string, readonly OnnxOpset[]>;
  readonly uses: Map<string, Use>;
  /** An object, so that a walk into a function body adds to the same total. */
  readonly totals: { parameters: number };
  readonly inFunction: string | null;
};

const listMax = 100_000;

/** Field numbers of a graph's and of a function's body; ONNX gave them different ones. */
const parts = {
  top: { node: 1, initializer: 5, input: 11, output: 12, sparse: 15 },
  subgraph: { node: 1, initializer: 5, input: 0, output: 0, sparse: 15 },
  function: { node: 7, initializer: 0, input: 0, output: 0, sparse: 0 },
};

export function readGraph(walk: Walk, span: Span, depth: number, where: keyof typeof parts): void {
  const at = parts[where];
  const { source, budget } = walk;
  for (const field of fieldsOf(source, span.from, span.to, depth, budget)) {
    if (field.wire !== 'block') continue;
    if (field.number === at.node) readNode(walk, field, depth + 1);
    else if (field.number === at.initializer) {
      const name = readTensor(walk, field, depth + 1);
      if (where === 'top') walk.initializers.add(name);
    } else if (field.number === at.sparse) {
      const name = readSparseTensor(walk, field, depth + 1);
      if (where === 'top') walk.initializers.add(name);
    } else if (field.number === at.input) push(walk.inputs, readValueInfo(source, field, depth + 1, budget));
    else if (field.number === at.output) push(walk.outputs, readValueInfo(source, field, depth + 1, budget));
  }
}

function push<T>(list: T[], value: T): void {
  if (list.length >= listMax) throw new ProtobufProblem('the model has too many inputs or outputs', true);
  list.push(value);
}

type Attributes = Map<string, { readonly text: string; readonly integer: number; readonly strings: boolean }>;

function readNode(walk: Walk, span: Span, depth: number): void {
  const { source, budget } = walk;
  let node = '';
  let name = '';
  let domain = '';
  const attributes: Attributes = new Map();
  for (const field of fieldsOf(source, span.from, span.to, depth, budget)) {
    if (field.wire !== 'block') continue;
    if (field.number === 3) node = textOf(source, field, 200);
    else if (field.number === 4) name = textOf(source, field, 200);
    else if (field.number === 7) domain = textOf(source, field, 200);
    else if (field.number === 5) readAttribute(walk, field, depth + 1, attributes);
  }
  if (domain === 'ai.onnx') domain = '';
  const key = `${walk.inFunction ?? ''}\n${domain}\n${name}`;
  const known = walk.uses.get(key);
  if (known !== undefined) known.count++;
  else {
    if (walk.uses.size >= listMax) throw new ProtobufProblem('the model uses too many operators', true);
    walk.uses.set(key, { domain, name, count: 1, firstNode: node, inFunction: walk.inFunction });
  }
  if (domain === '' && name === 'StringNormalizer')
    push(walk.stringNormalizers, stringNormalizer(node, attributes));
}

/** Attributes may hold tensors (with external data) and whole graphs; all are walked. */
function readAttribute(walk: Walk, span: Span, depth: number, into: Attributes): void {
  const { source, budget } = walk;
  let name = '';
  let text = '';
  let integer = 0;
  let strings = false;
  for (const field of fieldsOf(source, span.from, span.to, depth, budget)) {
    if (field.number === 3 && field.wire === 'varint') integer = field.value;
    if (field.wire !== 'block') continue;
    if (field.number === 1) name = textOf(source, field, 200);
    else if (field.number === 4) text = textOf(source, field, 200);
    else if (field.number === 9) strings = true;
    else if (field.number === 5 || field.number === 10) readTensor(walk, field, depth + 1);
    else if (field.number === 22 || field.number === 23) readSparseTensor(walk, field, depth + 1);
    else if (field.number === 6 || field.number === 11) readGraph(walk, field, depth + 1, 'subgraph');
  }
  if (into.size < 64) into.set(name, { text, integer, strings });
}

function stringNormalizer(node: string, attributes: Attributes): OnnxStringNormalizer {
  return {
    node,
    caseChange: attributes.get('case_change_action')?.text ?? 'NONE',
    caseSensitive: attributes.get('is_case_sensitive')?.integer === 1,
    stopwords: attributes.get('stopwords')?.strings === true,
    locale: attributes.get('locale')?.text ?? 'en_US.UTF-8',
  };
}
