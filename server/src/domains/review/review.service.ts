import type { Evidence, Finding, Policies, ProductDocument, StageName } from '@souk/contract';
import type { Tx } from '../../platform/db.ts';
import type { Platform } from '../../platform/platform.ts';
import { newComments } from './review.comments.service.ts';
import { newDisputes } from './review.disputes.service.ts';
import { newExceptions } from './review.exceptions.service.ts';
import { exceptionsInForce } from './review.exceptions.sql.ts';
import { newQueue } from './review.queue.service.ts';
import { lifted, reviewPlan, sampleKeyOf } from './review.rules.ts';
import type { Thing } from './review.ts';

/** A submission as appeals and comments need it. */
export interface ReviewedSubmission {
  readonly id: string;
  readonly accountId: string;
  readonly productId: string;
  readonly publisher: string;
  readonly productSlug: string;
  readonly revision: number;
  readonly revisionSha256: string;
  readonly document: ProductDocument;
  readonly stages: readonly {
    readonly stage: StageName;
    readonly state: string;
    readonly findings: readonly Finding[];
    readonly evidence: readonly Evidence[];
  }[];
  /** People who approved or rejected it. */
  readonly reviewers: readonly string[];
}

/** Something that was registered, as its checks left it. */
export type FindChecked = (
  accountId: string,
  name: string,
  region: string | undefined,
) => Promise<{ name: string; archiveSha256: string; findings: readonly Finding[] } | undefined>;

/** What appeals need of the domains whose decisions they are about; compose gives it. */
export interface ReviewNeeds {
  policies(): Promise<Policies>;
  submission(id: string): Promise<ReviewedSubmission | undefined>;
  /** A registered package or algorithm of the account with what its checks found. */
  modelPackage: FindChecked;
  algorithm: FindChecked;
  /** Digest of the package behind an ARN of the account. */
  packageOf(accountId: string, arn: string): Promise<string | undefined>;
  isMember(personId: string, accountId: string): Promise<boolean>;
  /** What was found in a package is forgotten, so that it is examined anew. */
  forgetVerdicts(tx: Tx, packageSha256: string): Promise<void>;
}

export type Review = ReturnType<typeof newReview>;

export function newReview(platform: Platform, needs: ReviewNeeds) {
  const { db, keys } = platform;
  const sampleKey = sampleKeyOf(keys.seal);
  const queue = newQueue(platform, needs, async (caller, item) => {
    if (item.kind === 'dispute') await disputes.mayAnswer(caller, item.subject);
  });
  const disputes = newDisputes(platform, needs, queue);
  return {
    queue,
    disputes,
    exceptions: newExceptions(platform),
    comments: newComments(platform, needs),
    /** How many people must read a submission, by the policy of this moment. */
    plan: async (facts: Parameters<typeof reviewPlan>[2]) =>
      reviewPlan(await needs.policies(), sampleKey, facts),
    /** Ids of the exceptions that hold for an account: part of what a check reads. */
    inForce: async (accountId: string): Promise<string[]> =>
      (await exceptionsInForce(db, accountId)).map((e) => e.id),
    /** Whether an appeal against a decision about this very thing was granted. */
    excepted: async (accountId: string, code: string, thing: Thing) =>
      (await exceptionsInForce(db, accountId)).find((e) => e.code === code && e.thingSha256 === thing.sha256),
    /** What stops a package or document once the account's exceptions are applied. */
    lift: async (accountId: string, findings: readonly Finding[], thingOf: (f: Finding) => Thing) =>
      findings.some((f) => f.severity === 'error')
        ? lifted(findings, thingOf, await exceptionsInForce(db, accountId))
        : { findings: [...findings], evidence: [] },
  };
}
