import type { Plan } from './document.ts';
import type { Findings } from './document-findings.ts';
import { limits } from './limits.ts';
import { cycleOf, goesBeyond, isFreePlan, recurringOf, transactions, usageParts } from './plan-parts.ts';

/** What a plan promises for a month must be possible to hold, and to understand: quota and overage, trial, code. */
export function termsRules(p: Plan, at: string, found: Findings) {
  quota(p, at, found);
  included(p, at, found);
  atOnce(p, at, found);
  if (p.trial && isFreePlan(p))
    found.add(
      `${at}/trial`,
      'document.trial_of_free_plan',
      'The plan is free; a month of trial would say that it costs something afterwards.',
      'Remove the trial, or give the plan a price.',
    );
  if (p.hidden && !p.promotionCode)
    found.add(
      `${at}/hidden`,
      'document.hidden_without_code',
      'The plan is hidden and needs no promotion code, so nobody could ever reach it.',
      'Ask for a promotion code, or show the plan.',
    );
  if (p.hidden && p.visibility === 'private')
    found.add(
      `${at}/hidden`,
      'document.hidden_and_private',
      'The plan is for an audience of its own and hidden at once: its audience is told to find it on the page, where it is not.',
      'Choose one: an audience, or a promotion code.',
    );
}

function atOnce({ callsAtOnce: n }: Plan, at: string, found: Findings) {
  const { min, max } = limits.callsAtOnce;
  if (n === undefined || (n >= min && n <= max)) return;
  found.add(
    `${at}/callsAtOnce`,
    'document.calls_at_once',
    n < min
      ? `With ${n} calls at the same time the plan could never be called.`
      : `${n} calls at the same time are more than the ${max} that can be promised.`,
    `Give a number from ${min} to ${max}, or none: then there is no limit.`,
  );
}

function included(p: Plan, at: string, found: Findings) {
  (p.parts ?? []).forEach((part, i) => {
    if (part.kind !== 'usage' || part.includedQuantity === undefined) return;
    const beyond = goesBeyond(p) && part.dimension === p.quota?.dimension;
    if (beyond || part.dimension === transactions)
      found.add(
        `${at}/parts/${i}/includedQuantity`,
        'document.included_beside_quota',
        'What a month includes is its quota: a second number beside it would be read as more.',
        beyond
          ? 'Leave out includedQuantity.'
          : 'Leave out includedQuantity and write it as quota with atLimit: overage.',
      );
  });
}

function quota(p: Plan, at: string, found: Findings) {
  if (!p.quota) return;
  const price = usageParts(p.parts).find((part) => part.dimension === p.quota?.dimension);
  if (goesBeyond(p) && !price)
    found.add(
      `${at}/quota/atLimit`,
      'document.overage_unpriced',
      `What goes beyond the quota has no price: there is none for ${p.quota.dimension}.`,
      'Add the price of a unit, or stop at the limit.',
    );
  if (recurringOf(p.parts) && cycleOf(p.quota) === 'calendar')
    found.add(
      `${at}/quota/cycle`,
      'document.fee_and_calendar_quota',
      'The fee is for a month from the day of the subscription, and the quota for one of the calendar: who subscribes on the 31st would have two for one fee.',
      'Set cycle to subscription.',
    );
}
