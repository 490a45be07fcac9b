import type { Say } from './algorithm-rules.ts';
import type { HyperParameter } from './algorithms.ts';
import { limits } from './limits.ts';

const root = '/trainingSpecification/supportedHyperParameters';
const isNumber = (type: HyperParameter['type']) => type === 'Integer' || type === 'Continuous';

export function hyperParameterRules(list: readonly HyperParameter[], say: Say) {
  const { max } = limits.hyperParameters;
  if (list.length > max)
    say(
      'hyperparameter_too_many',
      root,
      `${list.length} hyperparameters are declared; ${max} are allowed.`,
      `Remove ${list.length - max}.`,
    );
  list.forEach((h, i) => {
    if (list.findIndex((o) => o.name === h.name) < i)
      say(
        'hyperparameter_duplicate',
        `${root}/${i}/name`,
        `Two hyperparameters are named ${h.name}.`,
        'Rename one of them.',
      );
    one(h, `${root}/${i}`, say);
  });
}

function one(h: HyperParameter, at: string, say: Say) {
  const { nameChars, descriptionChars } = limits.hyperParameters;
  if (!/^[\x21-\x7e]+$/.test(h.name) || h.name.length > nameChars)
    say(
      'hyperparameter_name',
      `${at}/name`,
      `“${h.name.slice(0, 80)}” cannot be the name of a hyperparameter.`,
      `Use 1 to ${nameChars} printable ASCII characters without blanks.`,
    );
  if ((h.description ?? '').length > descriptionChars)
    say(
      'hyperparameter_description',
      `${at}/description`,
      `The description of ${h.name} has ${h.description?.length} characters; ${descriptionChars} are allowed.`,
      'Shorten it; the product’s page has room for more.',
    );
  range(h, at, say);
  if (h.isTunable && h.type === 'FreeText')
    say(
      'hyperparameter_tunable',
      `${at}/isTunable`,
      `${h.name} is free text and cannot be tuned.`,
      'Make it Categorical with its values, or not tunable.',
    );
  if (h.defaultValue !== undefined) {
    const problem = hyperParameterProblem(h, h.defaultValue);
    if (problem)
      say(
        'hyperparameter_default',
        `${at}/defaultValue`,
        `The default of ${h.name} is refused: ${problem}`,
        'Give a default that the algorithm takes.',
      );
  }
}

function range(h: HyperParameter, at: string, say: Say) {
  const { min, max, values } = h.range ?? {};
  const wrongKind = isNumber(h.type)
    ? values !== undefined
    : h.type === 'Categorical'
      ? min !== undefined || max !== undefined
      : h.range !== undefined;
  if (wrongKind) {
    say(
      'hyperparameter_range_kind',
      `${at}/range`,
      `The range of ${h.name} is not one of ${h.type}.`,
      'Integer and Continuous have min and max, Categorical has values, FreeText has none.',
    );
    return;
  }
  if (h.type === 'Categorical') categories(h.name, values ?? [], `${at}/range/values`, say);
  if (!isNumber(h.type)) return;
  if (h.isTunable && (min === undefined || max === undefined))
    say(
      'hyperparameter_range_missing',
      `${at}/range`,
      `${h.name} can be tuned, but has no least and greatest value.`,
      'Give min and max.',
    );
  for (const [side, value] of [
    ['min', min],
    ['max', max],
  ] as const)
    if (value !== undefined && !readsAs(h.type, value))
      say(
        'hyperparameter_range_number',
        `${at}/range/${side}`,
        `“${value.slice(0, 40)}” is not ${typeWords(h.type)}.`,
        'Write the number as text, for example "10".',
      );
  if (min !== undefined && max !== undefined && Number(min) > Number(max))
    say(
      'hyperparameter_range_order',
      `${at}/range`,
      `The least value of ${h.name}, ${min}, is above the greatest, ${max}.`,
      'Exchange them.',
    );
}

function categories(name: string, values: readonly string[], at: string, say: Say) {
  const { min, max } = limits.hyperParameters.values;
  if (values.length < min || values.length > max)
    say(
      'hyperparameter_values',
      at,
      `${name} has ${values.length} values; ${min} to ${max} are allowed.`,
      'List the values that it may have.',
    );
  if (new Set(values).size < values.length)
    say('hyperparameter_values', at, `${name} has a value twice.`, 'Remove one of them.');
}

/** Why a value is refused, as the end of a sentence; undefined when it is taken. */
export function hyperParameterProblem(h: HyperParameter, value: string): string | undefined {
  const { valueChars } = limits.hyperParameters;
  const shown = `“${value.slice(0, 40)}”`;
  if (value.length > valueChars)
    return `the value has ${value.length} characters; ${valueChars} are allowed.`;
  if (h.type === 'Categorical') {
    const values = h.range?.values ?? [];
    return values.includes(value) ? undefined : `${shown} is none of ${values.join(', ')}.`;
  }
  if (!isNumber(h.type)) return undefined;
  if (!readsAs(h.type, value)) return `${shown} is not ${typeWords(h.type)}.`;
  const { min, max } = h.range ?? {};
  if (min !== undefined && Number(value) < Number(min)) return `${shown} is below ${min}.`;
  if (max !== undefined && Number(value) > Number(max)) return `${shown} is above ${max}.`;
  return undefined;
}

const typeWords = (type: HyperParameter['type']) => (type === 'Integer' ? 'a whole number' : 'a number');

function readsAs(type: HyperParameter['type'], value: string): boolean {
  if (type === 'Integer') return /^[+-]?\d{1,15}$/.test(value);
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(value) && Number.isFinite(Number(value));
}
