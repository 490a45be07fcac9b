import type { Finding } from '@souk/contract/findings';
import { found } from '../rules.ts';
import { runtimeName } from './known-operators.ts';
import type { LoadResult } from './load-attempt.ts';
import { loadFindings } from './load-findings.ts';
import type { OnnxModel, OnnxStringNormalizer, OnnxValue } from './onnx-model.ts';
import { operatorFindings } from './operator-findings.ts';
import { servedElementTypes } from './serving-types.ts';

/** What keeps a model from being served, all that can be said at once. `result` is the runtime's own answer. */
export function modelFindings(model: OnnxModel, result: LoadResult, file: string | null): Finding[] {
  const values = valueFindings(model, file);
  const fromRuntime = runtimeFindings(model, result, file).filter(
    // The runtime's binding refuses types that it cannot carry, too, in words of its own.
    (finding) => values.length === 0 || finding.code !== 'onnx.load_failed',
  );
  return [...fromRuntime, ...trainingInfo(model, file), ...values];
}

/**
 * The runtime is the judge: what it loads, it has. Where it refuses, it names only the first thing that it lacks; the
 * table adds the others. Where it could not be asked, the table stands alone.
 */
function runtimeFindings(model: OnnxModel, result: LoadResult, file: string | null): Finding[] {
  const locales = localeFindings(model, result, file);
  if (result.outcome === 'loaded') return locales;
  const fromTable = operatorFindings(model, file);
  const said = loadFindings(result, model, file);
  const named = new Set([...fromTable.map((one) => one.operator), ...locales.map(() => 'StringNormalizer')]);
  const codes = new Set(fromTable.map((one) => one.finding.code));
  const added = said.filter(({ operator, finding }) =>
    operator === '' ? !codes.has(finding.code) : !named.has(operator),
  );
  return [...fromTable.map((one) => one.finding), ...locales, ...added.map((one) => one.finding)];
}

function trainingInfo(model: OnnxModel, file: string | null): Finding[] {
  if (!model.hasTrainingInfo) return [];
  return [
    found('onnx.training_info', { file, message: 'The model carries training graphs (training_info).' }),
  ];
}

/** These locales are part of the C library; all others are language packs that may be missing. */
const builtInLocales: readonly string[] = ['', 'C', 'POSIX', 'C.UTF-8', 'C.utf8'];

/** Measured: the runtime builds the locale when case changes, or when stopwords are compared without regard to case. */
function needsLocale(one: OnnxStringNormalizer): boolean {
  const used = one.caseChange !== 'NONE' || (!one.caseSensitive && one.stopwords);
  return used && !builtInLocales.includes(one.locale);
}

function localeFindings(model: OnnxModel, result: LoadResult, file: string | null): Finding[] {
  return model.stringNormalizers.filter(needsLocale).map((one) => {
    const node = one.node === '' ? 'StringNormalizer' : `StringNormalizer (node “${one.node}”)`;
    return result.outcome === 'loaded'
      ? found('onnx.locale_dependent', {
          file,
          message: `${node} changes case by the locale ${one.locale}: installed here, but not on every machine.`,
        })
      : found('onnx.locale_needed', {
          file,
          message: `${node} needs the locale ${one.locale}, which is not installed where models are served.`,
        });
  });
}

function valueFindings(model: OnnxModel, file: string | null): Finding[] {
  const findings = [
    ...model.inputs.flatMap((value) => valueFinding('input', value, file)),
    ...model.outputs.flatMap((value) => valueFinding('output', value, file)),
  ];
  if (model.outputs.length === 0)
    findings.push(found('onnx.no_outputs', { file, message: 'The model’s graph names no output.' }));
  return findings;
}

function valueFinding(role: 'input' | 'output', value: OnnxValue, file: string | null): Finding[] {
  // An output may leave its type to inference; the runtime then finds it out.
  if (role === 'output' && value.kind === 'unknown') return [];
  if (value.kind !== 'tensor') {
    const message = `The ${role} “${value.name}” is a ${value.kind}; calls carry tensors only.`;
    return [found('onnx.value_type_unsupported', { file, message })];
  }
  if (value.elementType !== null && servedElementTypes.includes(value.elementType)) return [];
  const type = value.elementType ?? 'unstated';
  const message = `The ${role} “${value.name}” has element type ${type}, which calls to ${runtimeName} cannot carry. They carry ${servedElementTypes.join(', ')}.`;
  return [found('onnx.value_type_unsupported', { file, message })];
}
