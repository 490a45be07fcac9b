import type { Finding } from '@souk/contract/findings';
import { found } from '../rules.ts';
import type { OnnxDimension, OnnxModel, OnnxValue } from './onnx-model.ts';

/** What a listing says about an input or output; what it leaves out is not compared. */
export type DeclaredValue = {
  readonly name: string;
  /** Element type as in contract's TensorDescription: `float32`, `int64`, `string`... */
  readonly type?: string;
  /** -1, null or a name stand for a free dimension. */
  readonly shape?: readonly (number | string | null)[];
  /** Where in the product document it is written, for the finding. */
  readonly pointer?: string;
};

export type Declared = {
  readonly inputs?: readonly DeclaredValue[];
  readonly outputs?: readonly DeclaredValue[];
};

/** Holds the listing's inputs and outputs against the model's. A list that is absent is not compared. */
export function declaredFindings(model: OnnxModel, declared: Declared, file: string | null): Finding[] {
  return [
    ...(declared.inputs === undefined ? [] : compare('input', model.inputs, declared.inputs, file)),
    ...(declared.outputs === undefined ? [] : compare('output', model.outputs, declared.outputs, file)),
  ];
}

function compare(
  role: 'input' | 'output',
  actual: readonly OnnxValue[],
  declared: readonly DeclaredValue[],
  file: string | null,
): Finding[] {
  const names = actual.map((value) => value.name);
  const findings: Finding[] = [];
  for (const one of declared) {
    const value = actual.find((candidate) => candidate.name === one.name);
    const at = { file, pointer: one.pointer ?? null };
    if (value === undefined) {
      const message = `The listing names the ${role} “${one.name}”; the model has ${listed(names)}.`;
      findings.push(found('onnx.declared_missing', { ...at, message }));
      continue;
    }
    if (one.type !== undefined && one.type !== value.elementType) {
      const message = `The ${role} “${one.name}” is ${value.elementType ?? value.kind} in the model, ${one.type} in the listing.`;
      findings.push(found('onnx.declared_type_differs', { ...at, message }));
    }
    if (one.shape !== undefined && value.shape !== null && !sameShape(one.shape, value.shape)) {
      const message = `The ${role} “${one.name}” has shape ${shapeText(value.shape)} in the model, ${shapeText(one.shape)} in the listing.`;
      findings.push(found('onnx.declared_shape_differs', { ...at, message }));
    }
  }
  for (const name of names.filter((candidate) => !declared.some((one) => one.name === candidate))) {
    const message = `The model has the ${role} “${name}”, which the listing does not mention.`;
    findings.push(found('onnx.undeclared', { file, message }));
  }
  return findings;
}

/** A number must be the same number; anything free on either side fits anything free, and a listing may be narrower. */
function sameShape(declared: readonly (number | string | null)[], actual: readonly OnnxDimension[]): boolean {
  if (declared.length !== actual.length) return false;
  return actual.every((dimension, i) => {
    const stated = declared[i];
    return typeof dimension !== 'number' || dimension < 0 || stated === dimension;
  });
}

function shapeText(shape: readonly (number | string | null)[]): string {
  return `[${shape.map((dimension) => dimension ?? '?').join(', ')}]`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.slice(0, 10).join(', ');
}
