import type { OnnxDescription } from '@souk/contract/models';
import type { OnnxModel, OnnxValue } from './onnx-model.ts';

/** A model as the API shows it. */
export function describeModel(model: OnnxModel): OnnxDescription {
  const named = model.operators.map((use) => (use.domain === '' ? use.name : `${use.domain}.${use.name}`));
  return {
    irVersion: model.irVersion ?? 0,
    opsets: model.opsets.map(({ domain, version }) => ({ domain, version })),
    producer: model.producer === '' ? null : model.producer,
    inputs: model.inputs.map(describeValue),
    outputs: model.outputs.map(describeValue),
    operators: [...new Set(named)].sort(),
    parametersCount: Number.isSafeInteger(model.parameterCount) ? model.parameterCount : null,
  };
}

function describeValue(value: OnnxValue) {
  return {
    name: value.name,
    type: value.elementType ?? value.kind,
    shape: value.shape === null ? null : [...value.shape],
  };
}
