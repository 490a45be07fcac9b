import { createHmac, hkdfSync } from 'node:crypto';
import type { Evidence, Finding, Policies, ProductDocument } from '@souk/contract';
import { canonicalSha256 } from '../../platform/canonical-json.ts';
import type { ExceptionRow, Thing } from './review.ts';

type ProductType = keyof Policies['review'];

export interface ReviewFacts {
  readonly productType: string;
  readonly revisionSha256: string;
  /** The change against what is live touches texts, media and prices only. False for a first release. */
  readonly textsOnly: boolean;
  /** An earlier submission since the last release was drawn and has not been approved. */
  readonly drawnBefore: boolean;
}

export interface ReviewPlan {
  readonly reviewers: number;
  readonly why: string;
}

/** How many people read a submission, and why, by the operator's policy. */
export function reviewPlan(policies: Policies, sampleKey: Buffer, facts: ReviewFacts): ReviewPlan {
  const type = facts.productType as ProductType;
  const word = (facts.textsOnly ? policies.reviewOfTexts : policies.review)[type];
  const about = facts.textsOnly ? 'changes of texts and prices' : 'what brings something that runs';
  if (word === 'one')
    return { reviewers: 1, why: `The operator’s policy asks for one reviewer of ${about}.` };
  if (word === 'two')
    return { reviewers: 2, why: `The operator’s policy asks for two reviewers of ${about}.` };
  if (word === 'automatic')
    return { reviewers: 0, why: `The operator’s policy asks for no reviewer of ${about}.` };
  const percent = policies.reviewSample[type];
  // Whoever was drawn stays drawn until somebody has read it: submitting again must not be a way to draw anew.
  if (facts.drawnBefore)
    return { reviewers: 1, why: 'An earlier submission was drawn for review and not approved yet.' };
  return isDrawn(sampleKey, facts.revisionSha256, percent)
    ? { reviewers: 1, why: `Drawn at random: the operator reads ${percent} in 100 of ${about}.` }
    : { reviewers: 0, why: `Not drawn: the operator reads ${percent} in 100 of ${about}.` };
}

/** The key of the draw, from the installation's own: who has only revisions cannot tell which ones are drawn. */
export const sampleKeyOf = (sealKey: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', sealKey, Buffer.alloc(0), 'souk review sample v1', 32));

/** The same revision is always drawn, or never: a draw can be repeated and explained afterwards by whoever has the key. */
export function isDrawn(key: Buffer, revisionSha256: string, percent: number): boolean {
  const drawn = createHmac('sha256', key).update(revisionSha256).digest().readUIntBE(0, 6);
  return drawn < (percent / 100) * 2 ** 48;
}

/** The thing of a finding about a package: its bytes, and the file in it. The same bytes elsewhere are the same thing. */
export const packageThing = (packageSha256: string, file: string | null): Thing => ({
  sha256: canonicalSha256({ package: packageSha256, file }),
  place:
    file === null
      ? `package ${packageSha256.slice(0, 12)}`
      : `${file} in package ${packageSha256.slice(0, 12)}`,
});

/** The thing of a finding about the document: the value, and the kind of place, whatever its number in a list. */
export const documentThing = (document: ProductDocument, pointer: string | null): Thing => ({
  sha256: canonicalSha256({ place: placeKind(pointer), value: valueAt(document, pointer ?? '') }),
  place: pointer ?? 'the document',
});

/** A whole revision, for a reviewer's decision. */
export const revisionThing = (revisionSha256: string): Thing => ({
  sha256: canonicalSha256({ revision: revisionSha256 }),
  place: `revision with digest ${revisionSha256.slice(0, 12)}`,
});

const placeKind = (pointer: string | null) => pointer?.replaceAll(/\/\d+(?=\/|$)/g, '/*') ?? null;

function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const token of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Record<string, unknown>)[token.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return value ?? null;
}

/** Errors that an exception covers stop nothing any more; they stay visible, with the exception that lets them pass. */
export function lifted(
  findings: readonly Finding[],
  thingOf: (f: Finding) => Thing,
  exceptions: readonly ExceptionRow[],
): { findings: Finding[]; evidence: Evidence[] } {
  const evidence = new Map<string, Evidence>();
  const list = findings.map((f) => {
    if (f.severity !== 'error') return f;
    const thing = thingOf(f).sha256;
    const found = exceptions.find((e) => e.code === f.code && e.thingSha256 === thing);
    if (!found) return f;
    evidence.set(found.id, {
      name: `Exception to ${found.code}`,
      value: `${found.id}, granted ${found.grantedAt.toISOString().slice(0, 10)} for ${found.place}: ${found.reason}`,
    });
    return {
      ...f,
      severity: 'info' as const,
      message: `${f.message} Let pass by the exception ${found.id}, granted on appeal.`,
    };
  });
  return { findings: list, evidence: [...evidence.values()] };
}
