import type { DisputeState, Evidence, Finding, QueueKind, StageName } from '@souk/contract';

export interface QueueRow {
  readonly id: string;
  readonly kind: QueueKind;
  readonly subject: string;
  readonly accountId: string;
  readonly title: string;
  readonly product: string | null;
  readonly why: string;
  readonly openedAt: Date;
  readonly dueAt: Date;
  readonly closedAt: Date | null;
  readonly assigneeId: string | null;
  readonly assigneeEmail: string | null;
  readonly assignedAt: Date | null;
}

export interface DisputeRow {
  readonly id: string;
  readonly accountId: string;
  readonly publisher: string | null;
  readonly product: string | null;
  readonly productId: string | null;
  readonly of: 'finding' | 'decision';
  readonly submissionId: string | null;
  readonly modelPackage: string | null;
  readonly algorithm: string | null;
  readonly stage: StageName | null;
  readonly code: string;
  readonly finding: Finding | null;
  readonly evidence: Evidence[];
  readonly thingSha256: string;
  readonly place: string;
  readonly packageSha256: string | null;
  readonly deciders: string[];
  readonly text: string;
  readonly state: DisputeState;
  readonly openedBy: string;
  readonly openedAt: Date;
  readonly dueAt: Date | null;
  readonly answer: string | null;
  readonly answeredBy: string | null;
  readonly answeredAt: Date | null;
  readonly exceptionId: string | null;
}

export interface ExceptionRow {
  readonly id: string;
  readonly accountId: string;
  readonly publisher: string | null;
  readonly code: string;
  readonly thingSha256: string;
  readonly place: string;
  readonly disputeId: string;
  readonly reason: string;
  readonly grantedBy: string;
  readonly grantedAt: Date;
  readonly revokedBy: string | null;
  readonly revokedAt: Date | null;
  readonly revokedReason: string | null;
}

/** What a rule speaks about: an exception holds for this and for nothing else. */
export interface Thing {
  readonly sha256: string;
  /** In words, for people. */
  readonly place: string;
}

/** What an appeal may come to. Data, so that a test walks it; the store writes the column with the state it comes from. */
export const disputeTransitions: Readonly<Record<DisputeState, readonly DisputeState[]>> = {
  open: ['granted', 'declined', 'corrected', 'withdrawn'],
  granted: [],
  declined: [],
  corrected: [],
  withdrawn: [],
};
