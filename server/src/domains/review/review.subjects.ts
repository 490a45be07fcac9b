import type { Finding } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { fail } from '../../platform/errors.ts';
import type { NewDispute } from './review.disputes.sql.ts';
import { documentThing, packageThing, revisionThing } from './review.rules.ts';
import type { ReviewedSubmission, ReviewNeeds } from './review.service.ts';
import type { Thing } from './review.ts';

export interface GivenDispute {
  readonly submissionId?: string;
  readonly modelPackage?: string;
  readonly algorithm?: string;
  readonly region?: string;
  readonly finding?: {
    readonly code: string;
    readonly file?: string | null;
    readonly pointer?: string | null;
    readonly line?: number | null;
  };
  readonly text?: string;
}

interface Disputed {
  readonly title: string;
  readonly product: string | null;
  readonly dispute: Omit<NewDispute, 'id' | 'accountId' | 'text' | 'openedBy' | 'openedAt'>;
}

/** What is disputed, as it stands: a finding of a submission, of a registered package or of an algorithm, or a reviewer's rejection. */
export async function disputed(needs: ReviewNeeds, caller: Member, given: GivenDispute): Promise<Disputed> {
  if (given.modelPackage !== undefined && given.submissionId === undefined)
    return ofRegistered('modelPackage', needs, caller, given.modelPackage, given);
  if (given.algorithm !== undefined && given.submissionId === undefined)
    return ofRegistered('algorithm', needs, caller, given.algorithm, given);
  const s = await needs.submission(given.submissionId ?? '');
  if (s?.accountId !== caller.accountId)
    return fail('submission.missing', { submissionId: given.submissionId ?? '(none given)' });
  return given.finding ? ofFinding(needs, s, given) : ofDecision(s);
}

const registered = {
  modelPackage: { words: 'model package', missing: 'model.missing' },
  algorithm: { words: 'algorithm', missing: 'algorithm.missing' },
} as const;

async function ofRegistered(
  kind: keyof typeof registered,
  needs: ReviewNeeds,
  { accountId }: Member,
  name: string,
  given: GivenDispute,
): Promise<Disputed> {
  const { words, missing } = registered[kind];
  const found = (await needs[kind](accountId, name, given.region)) ?? fail(missing, { name });
  const finding =
    found.findings.find(named(given)) ??
    fail('dispute.finding_missing', { subject: name, code: given.finding?.code ?? '(none given)' });
  const thing = packageThing(found.archiveSha256, finding.file);
  return {
    title: `The ${words} ${name}: ${finding.code}`,
    product: null,
    dispute: {
      ...blank,
      of: 'finding',
      [kind]: name,
      code: finding.code,
      finding,
      thingSha256: thing.sha256,
      place: thing.place,
      packageSha256: found.archiveSha256,
    },
  };
}

async function ofFinding(needs: ReviewNeeds, s: ReviewedSubmission, given: GivenDispute): Promise<Disputed> {
  for (const stage of s.stages) {
    const finding = stage.findings.find(named(given));
    if (!finding) continue;
    const { thing, packageSha256 } = await thingOf(needs, s, finding);
    return {
      title: `${nameOf(s)}: ${finding.code}`,
      product: `${s.publisher}/${s.productSlug}`,
      dispute: {
        ...blank,
        of: 'finding',
        submissionId: s.id,
        stage: stage.stage,
        code: finding.code,
        finding,
        evidence: [...stage.evidence],
        thingSha256: thing.sha256,
        place: thing.place,
        packageSha256,
      },
    };
  }
  return fail('dispute.finding_missing', {
    subject: nameOf(s),
    code: given.finding?.code ?? '(none given)',
  });
}

/** A finding at a version's ARN speaks of the package behind it: the ARN alone could name other bytes one day. */
async function thingOf(
  needs: ReviewNeeds,
  s: ReviewedSubmission,
  finding: Finding,
): Promise<{ thing: Thing; packageSha256: string | null }> {
  const index = /^\/versions\/(\d+)\/(\w+Arn)$/.exec(finding.pointer ?? '');
  const version = index && (s.document.versions?.[Number(index[1])] as Record<string, unknown> | undefined);
  const arn = version?.[index?.[2] ?? ''];
  const digest = typeof arn === 'string' ? await needs.packageOf(s.accountId, arn) : undefined;
  return digest === undefined
    ? { thing: documentThing(s.document, finding.pointer), packageSha256: null }
    : { thing: packageThing(digest, finding.file), packageSha256: digest };
}

function ofDecision(s: ReviewedSubmission): Disputed {
  const review = s.stages.find((x) => x.stage === 'review');
  if (review?.state !== 'refused') return fail('dispute.not_refused', { submissionId: s.id });
  const thing = revisionThing(s.revisionSha256);
  return {
    title: `${nameOf(s)}: the reviewer’s decision`,
    product: `${s.publisher}/${s.productSlug}`,
    dispute: {
      ...blank,
      of: 'decision',
      submissionId: s.id,
      stage: 'review',
      code: 'review.rejected',
      evidence: [...review.evidence],
      thingSha256: thing.sha256,
      place: thing.place,
      deciders: [...s.reviewers],
    },
  };
}

const blank = {
  submissionId: null,
  modelPackage: null,
  algorithm: null,
  stage: null,
  finding: null,
  evidence: [],
  packageSha256: null,
  deciders: [],
};

const nameOf = (s: ReviewedSubmission) => `${s.publisher}/${s.productSlug}, revision ${s.revision}`;

/** Exactly the one that was named; what was left out is not there. Only what stops something can be disputed. */
const named =
  ({ finding: g }: GivenDispute) =>
  (f: Finding): boolean =>
    g !== undefined &&
    f.severity === 'error' &&
    f.code === g.code &&
    f.file === (g.file ?? null) &&
    f.pointer === (g.pointer ?? null) &&
    f.line === (g.line ?? null);
