import type { Finding } from '@souk/contract/findings';
import { archiveRules } from './rules/archive.ts';
import { contentRules } from './rules/content.ts';
import { imageRules } from './rules/image.ts';
import { listingRules } from './rules/listing.ts';
import { onnxRules } from './rules/onnx.ts';
import type { Rule, RuleCode } from './rules/rule.ts';
import { trainingRules } from './rules/training.ts';

/**
 * Names the set of rules that gave a verdict. It moves with every change that can alter one, so that a stored verdict
 * is only used again under the rules that gave it, and `souk check` on a desk can say that it is older than the server.
 */
export const RULE_SET = '2026-11-21.3';

const registry = [
  ...archiveRules,
  ...contentRules,
  ...onnxRules,
  ...trainingRules,
  ...imageRules,
  ...listingRules,
];

type CodesOf<R> = R extends { readonly codes: infer C } ? keyof C & string : never;
export type FindingCode = CodesOf<(typeof registry)[number]>;

/** Every rule of certification, in the order of docs/rules.md. */
export const rules: readonly Rule[] = registry;

const byCode = new Map<string, { readonly rule: Rule; readonly code: RuleCode }>(
  rules.flatMap((rule) => Object.entries(rule.codes).map(([name, code]) => [name, { rule, code }] as const)),
);

type Said = Pick<Finding, 'message'> & Partial<Pick<Finding, 'file' | 'pointer' | 'line' | 'remedy'>>;

/** The only way to make a finding here: rule, severity and remedy come from the registry, so that the docs stay true. */
export function found(code: FindingCode, said: Said): Finding {
  const known = byCode.get(code);
  if (known === undefined) throw new Error(`${code} is not in the registry of rules`);
  return {
    rule: known.rule.id,
    code,
    severity: known.code.severity,
    file: said.file ?? null,
    pointer: said.pointer ?? null,
    line: said.line ?? null,
    message: said.message,
    remedy: said.remedy ?? known.code.remedy,
  };
}
