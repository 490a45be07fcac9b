import type { Finding } from '@souk/contract/findings';
import { found } from '../rules.ts';
import {
  implementedFrom,
  isRuntimeDomain,
  isTrainingDomain,
  newestOpsetOf,
  runtimeName,
  supportOf,
} from './known-operators.ts';
import type { OnnxModel, OnnxOperatorUse } from './onnx-model.ts';

/** ONNX Runtime promises operator sets from 7 on; below, it has some operators and lacks others. */
const oldestPromisedOpset = 7;

/** A finding about one operator, with its key, so that the same said by the runtime is not said twice. */
export type OperatorFinding = { readonly operator: string; readonly finding: Finding };

/** What the table says about the operators of a model. The runtime's own answer, where there is one, overrules it. */
export function operatorFindings(model: OnnxModel, file: string | null): OperatorFinding[] {
  return model.operators.flatMap((use) => {
    const finding = operatorFinding(use, file);
    return finding === null ? [] : [{ operator: use.name, finding }];
  });
}

function operatorFinding(use: OnnxOperatorUse, file: string | null): Finding | null {
  const { domain, name, opset } = use;
  if (isTrainingDomain(domain)) return trainingOperator(use, file);
  if (!isRuntimeDomain(domain)) return customOperator(use, file);
  if (opset === null) {
    const what = domain === '' ? 'standard operators' : `operators of ${domain}`;
    return found('onnx.opset_missing', {
      file,
      message: `The model uses ${what} (${name}${place(use)}) but imports no operator set for them.`,
    });
  }
  const support = supportOf(domain, name, opset);
  const newest = newestOpsetOf(domain);
  if (!support.known) {
    if (newest !== null && opset > newest) return tooNew(domain, opset, file);
    return unknownOperator(use, file);
  }
  return support.implemented === 'no' ? unsupported(use, support.definition, file) : null;
}

export function trainingOperator(use: OnnxOperatorUse, file: string | null): Finding {
  return found('onnx.training_operator', {
    file,
    message: `The operator ${use.name}${place(use)} of ${use.domain} is for training; ${runtimeName} as it serves models does not have it.`,
  });
}

export function customOperator(use: OnnxOperatorUse, file: string | null): Finding {
  return found('onnx.custom_operator', {
    file,
    message: `The operator ${use.name}${place(use)} belongs to the domain “${use.domain}”, which is not part of ${runtimeName}.`,
  });
}

export function unknownOperator(use: OnnxOperatorUse, file: string | null): Finding {
  const from = implementedFrom(use.domain, use.name);
  return found('onnx.operator_unknown', {
    file,
    message: `The operator ${use.name}${place(use)} does not exist in ${setName(use.domain, use.opset)}.`,
    ...(from !== null && from > (use.opset ?? 0)
      ? { remedy: `It exists from operator set ${from} on: ${exportAgain(use.domain, from)}` }
      : {}),
  });
}

/** The runtime knows the definition but has no code for it: nearly always an operator set of before 2018. */
export function unsupported(use: OnnxOperatorUse, definition: number, file: string | null): Finding {
  const { domain, name, opset } = use;
  const from = implementedFrom(domain, name);
  const tooOld = domain === '' && opset !== null && opset < oldestPromisedOpset;
  const since = from === null ? 'in no version' : `from operator set ${from} on`;
  const message = `${name}${place(use)} of ${setName(domain, opset)} (its definition ${definition}) is not implemented by ${runtimeName}, which has ${name} ${since}.`;
  if (from !== null && from > definition) {
    return found(tooOld ? 'onnx.opset_too_old' : 'onnx.operator_unsupported', {
      file,
      message,
      remedy: exportAgain(domain, from),
    });
  }
  return found('onnx.operator_unsupported', { file, message });
}

export function tooNew(domain: string, opset: number, file: string | null): Finding {
  const newest = newestOpsetOf(domain);
  return found('onnx.opset_too_new', {
    file,
    message: `The model asks for ${setName(domain, opset)}; ${runtimeName} knows sets up to ${newest}.`,
    remedy: `Export the model with opset_version ${newest} or lower.`,
  });
}

function exportAgain(domain: string, from: number): string {
  if (domain !== '') return `Export the model for version ${from} or later of the operator set ${domain}.`;
  // 13 is the oldest set that every current exporter writes well.
  const target = Math.max(from, 13);
  return `Convert the model to operator set ${from} or later (${target} is a good choice): onnx.version_converter.convert_version(model, ${target}) in Python, or export it again with opset_version=${target}.`;
}

export function setName(domain: string, opset: number | null): string {
  const version = opset === null ? '' : ` ${opset}`;
  return domain === '' ? `operator set${version}` : `operator set ${domain}${version}`;
}

function place(use: OnnxOperatorUse): string {
  return use.firstNode === '' ? '' : ` (node “${use.firstNode}”)`;
}
