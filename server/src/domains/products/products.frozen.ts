import { type Finding, finding, type Plan, type ProductDocument, type Version } from '@souk/contract';

/** What a product has promised so far: the newest submitted revision, and the one that buyers see. */
export interface FrozenFacts {
  readonly submitted: ProductDocument | null;
  readonly released: ProductDocument | null;
}

interface Change {
  readonly pointer: string;
  /** What was changed, as the beginning of the sentence. */
  readonly what: string;
  /** The value to put back. */
  readonly was: string;
}

interface FrozenRule {
  readonly code: `frozen.${string}`;
  readonly since: keyof FrozenFacts;
  readonly why: string;
  readonly wayOut: string;
  readonly changes: (before: ProductDocument, after: ProductDocument) => Change[];
}

/** Everything that freezes. A draft is held against it when it is saved, so that a publisher hears of it while typing. */
export const frozenRules: readonly FrozenRule[] = [
  {
    code: 'frozen.regions',
    since: 'submitted',
    why: 'The regions are fixed by the first submission: buyers build on where a product runs.',
    wayOut: 'For other regions, make a copy of the product (`souk products copy`).',
    changes: (before, after) =>
      regionsText(before) === regionsText(after)
        ? []
        : [{ pointer: '/regions', what: 'The regions were changed.', was: regionsText(before) }],
  },
  {
    code: 'frozen.private',
    since: 'submitted',
    why: 'A private product never becomes public: it was agreed with a few, under terms that others have not seen.',
    wayOut:
      'To offer it to everybody, make a copy that is public from the start (Make a copy, or `souk products copy`).',
    changes: (before, after) =>
      before.listing?.visibility === 'private' && after.listing?.visibility === 'public'
        ? [{ pointer: '/listing/visibility', what: 'The visibility was changed.', was: 'private' }]
        : [],
  },
  {
    code: 'frozen.version_number',
    since: 'released',
    why: 'The number of a released version is part of the address that its subscribers call.',
    wayOut: 'To take it off sale set its state to restricted; to replace it add a version with a new number.',
    changes: (before, after) =>
      (before.versions ?? [])
        .filter((v) => v.number !== undefined && withNumber(after, v.number).length === 0)
        .map((v) => ({
          pointer: renamedVersion(before, after, v),
          what: `The released version ${v.number} is gone or has another number.`,
          was: `${v.number} with ${soldBy(v)}`,
        })),
  },
  {
    code: 'frozen.version_package',
    since: 'released',
    why: 'A released version keeps the model package it was certified with; its subscribers rely on the same answers.',
    wayOut: 'Add a version with a new number for the new package.',
    changes: (before, after) =>
      (before.versions ?? []).flatMap((v) =>
        withNumber(after, v.number)
          .filter(({ version }) => soldBy(version) !== soldBy(v))
          .map(({ index }) => ({
            pointer: `/versions/${index}/${v.algorithmArn ? 'algorithmArn' : 'modelPackageArn'}`,
            what: `The released version ${v.number} has another ${v.algorithmArn ? 'algorithm' : 'model package'}.`,
            was: `${soldBy(v)}`,
          })),
      ),
  },
  {
    code: 'frozen.version_restricted',
    since: 'released',
    why: 'Restricting a version goes one way: new buyers were told that it is no longer offered.',
    wayOut: 'To offer the same package again, add a version with a new number.',
    changes: (before, after) =>
      (before.versions ?? [])
        .filter((v) => v.state === 'restricted')
        .flatMap((v) =>
          withNumber(after, v.number)
            .filter(({ version }) => version.state !== 'restricted')
            .map(({ index }) => ({
              pointer: `/versions/${index}/state`,
              what: `The restricted version ${v.number} is listed again.`,
              was: 'restricted',
            })),
        ),
  },
  {
    code: 'frozen.plan_id',
    since: 'released',
    why: 'Subscriptions and invoices name the plan by its id.',
    wayOut: 'Keep the plan and add another with a new id.',
    changes: (before, after) =>
      (before.plans ?? [])
        .filter((p) => withId(after, p.id).length === 0)
        .map((p) => ({
          pointer: renamedPlan(before, after, p),
          what: `The released plan ${p.id} is gone or has another id.`,
          was: p.id,
        })),
  },
  {
    code: 'frozen.plan_currency',
    since: 'released',
    why: 'Subscribers of the plan have agreed to prices in its currency.',
    wayOut: 'Add a plan with a new id for the other currency.',
    changes: (before, after) =>
      (before.plans ?? []).flatMap((p) =>
        withId(after, p.id)
          .filter(({ plan }) => p.currency !== undefined && plan.currency !== p.currency)
          .map(({ index }) => ({
            pointer: `/plans/${index}/currency`,
            what: `The currency of the released plan ${p.id} was changed.`,
            was: `${p.currency}`,
          })),
      ),
  },
];

/** What a draft changes although it is frozen; empty when it may be saved. Pointers are into the draft. */
export const frozenFindings = (facts: FrozenFacts, draft: ProductDocument): Finding[] =>
  frozenRules.flatMap(({ code, since, why, wayOut, changes }) => {
    const before = facts[since];
    return before === null
      ? []
      : changes(before, draft).map(({ pointer, what, was }) =>
          finding({
            rule: 'frozen',
            code,
            severity: 'error',
            pointer,
            message: `${what} ${why}`,
            remedy: `Put it back (${was}). ${wayOut}`,
          }),
        );
  });

/** Absent means all, as everywhere; the order of a selection says nothing. */
const regionsText = ({ regions: r = {} }: ProductDocument): string =>
  (r.mode ?? 'all') === 'all' ? 'all' : [...new Set(r.selected ?? [])].sort().join(', ');

/** The registered thing that a version sells. */
const soldBy = (v: Version): string | undefined => v.algorithmArn ?? v.modelPackageArn;

const withNumber = ({ versions = [] }: ProductDocument, number: string | undefined) =>
  versions.flatMap((version, index) =>
    number !== undefined && version.number === number ? [{ version, index }] : [],
  );

const withId = ({ plans = [] }: ProductDocument, id: string) =>
  plans.flatMap((plan, index) => (plan.id === id ? [{ plan, index }] : []));

/** Where the number of a version was typed over: the one with its package that was not there before. */
function renamedVersion(before: ProductDocument, after: ProductDocument, version: Version): string {
  const index = (after.versions ?? []).findIndex(
    (v) => soldBy(v) === soldBy(version) && withNumber(before, v.number).length === 0,
  );
  return index < 0 ? '/versions' : `/versions/${index}/number`;
}

function renamedPlan(before: ProductDocument, after: ProductDocument, plan: Plan): string {
  const index = (after.plans ?? []).findIndex(
    (p) => p.name !== undefined && p.name === plan.name && withId(before, p.id).length === 0,
  );
  return index < 0 ? '/plans' : `/plans/${index}/id`;
}
