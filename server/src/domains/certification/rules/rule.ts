import type { Severity } from '@souk/contract/findings';

/** One thing that a rule can say. The remedy is what most publishers should do; a finding may state a closer one. */
export type RuleCode = { readonly severity: Severity; readonly says: string; readonly remedy: string };

export type Rule = {
  readonly id: string;
  readonly title: string;
  /** Why the marketplace insists, in a publisher's words. */
  readonly why: string;
  readonly codes: Readonly<Record<string, RuleCode>>;
};
