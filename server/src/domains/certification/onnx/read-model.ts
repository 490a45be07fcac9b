import { type ByteSource, openFile } from './byte-source.ts';
import type { OnnxModel, OnnxOpset } from './onnx-model.ts';
import { type Budget, fieldsOf, ProtobufProblem, textOf } from './protobuf.ts';
import { readGraph, type Walk } from './read-graph.ts';

export type ReadModel =
  | { readonly ok: true; readonly model: OnnxModel }
  | { readonly ok: false; readonly tooComplex: boolean; readonly problem: string };

/** Measured: 8 million fields take about two seconds; the largest graphs we know of have under two million. */
const fieldsMax = 8_000_000;

/** Reads a model's description, skipping its weights. A file that is no model is an answer, not an exception. */
export function readOnnxFile(path: string): ReadModel {
  const source = openFile(path);
  try {
    return readOnnx(source);
  } finally {
    source.close();
  }
}

export function readOnnx(source: ByteSource): ReadModel {
  try {
    return { ok: true, model: readModel(source) };
  } catch (error) {
    if (error instanceof ProtobufProblem)
      return { ok: false, tooComplex: error.tooComplex, problem: error.message };
    if (error instanceof RangeError) return { ok: false, tooComplex: false, problem: 'the file ends early' };
    throw error;
  }
}

function readModel(source: ByteSource): OnnxModel {
  const budget: Budget = { fieldsLeft: fieldsMax };
  const walk = newWalk(source, budget);
  let irVersion: number | null = null;
  const producer = ['', ''];
  const opsets: OnnxOpset[] = [];
  let hasGraph = false;
  let hasTrainingInfo = false;
  for (const field of fieldsOf(source, 0, source.sizeBytes, 0, budget)) {
    if (field.number === 1 && field.wire === 'varint') irVersion = field.value;
    if (field.wire !== 'block') continue;
    if (field.number === 2) producer[0] = textOf(source, field);
    else if (field.number === 3) producer[1] = textOf(source, field);
    else if (field.number === 7) {
      hasGraph = true;
      readGraph(walk, field, 1, 'top');
    } else if (field.number === 8) opsets.push(readOpset(source, field.from, field.to, budget));
    else if (field.number === 20) hasTrainingInfo = true;
    else if (field.number === 25) readFunction(walk, field.from, field.to);
  }
  if (!hasGraph) throw new ProtobufProblem('it has no graph');
  const fed = new Set(walk.initializers);
  return {
    irVersion,
    producer: producer.filter((part) => part !== '').join(' '),
    opsets,
    // Inputs that have an initializer have a default value: the runtime does not ask callers for them.
    inputs: walk.inputs.filter((value) => !fed.has(value.name)),
    outputs: walk.outputs,
    operators: resolveOperators(walk, opsets),
    functions: [...walk.functions.keys()],
    externalTensors: walk.externalTensors,
    stringNormalizers: walk.stringNormalizers,
    hasTrainingInfo,
    parameterCount: walk.totals.parameters,
  };
}

function newWalk(source: ByteSource, budget: Budget): Walk {
  return {
    source,
    budget,
    inputs: [],
    outputs: [],
    initializers: new Set(),
    externalTensors: [],
    stringNormalizers: [],
    functions: new Map(),
    uses: new Map(),
    totals: { parameters: 0 },
    inFunction: null,
  };
}

function readOpset(source: ByteSource, from: number, to: number, budget: Budget): OnnxOpset {
  let domain = '';
  let version = 0;
  for (const field of fieldsOf(source, from, to, 1, budget)) {
    if (field.number === 1 && field.wire === 'block') domain = textOf(source, field);
    if (field.number === 2 && field.wire === 'varint') version = field.value;
  }
  return { domain: domain === 'ai.onnx' ? '' : domain, version };
}

/** FunctionProto: a body in terms of other operators, with operator sets of its own. */
function readFunction(walk: Walk, from: number, to: number): void {
  const { source, budget } = walk;
  let name = '';
  let domain = '';
  const opsets: OnnxOpset[] = [];
  for (const field of fieldsOf(source, from, to, 1, budget)) {
    if (field.wire !== 'block') continue;
    if (field.number === 1) name = textOf(source, field);
    else if (field.number === 10) domain = textOf(source, field);
    else if (field.number === 9) opsets.push(readOpset(source, field.from, field.to, budget));
  }
  const key = `${domain === 'ai.onnx' ? '' : domain}::${name}`;
  walk.functions.set(key, opsets);
  readGraph({ ...walk, inFunction: key }, { from, to }, 1, 'function');
}

/** Names the operator set of every use, now that all imports are known, and drops uses of the model's own functions. */
function resolveOperators(walk: Walk, imports: readonly OnnxOpset[]): OnnxModel['operators'] {
  return [...walk.uses.values()]
    .filter((use) => !walk.functions.has(`${use.domain}::${use.name}`))
    .map(({ inFunction, ...use }) => {
      const sets = inFunction === null ? imports : (walk.functions.get(inFunction) ?? []);
      return { ...use, opset: sets.find((set) => set.domain === use.domain)?.version ?? null };
    });
}
