import type {
  Evidence,
  Finding,
  ProductDocument,
  ProductType,
  StageName,
  StageState,
  SubmissionState,
} from '@souk/contract';

export interface SubmissionRow {
  readonly id: string;
  readonly productId: string;
  readonly productSlug: string;
  readonly productType: ProductType;
  readonly publisher: string;
  readonly accountId: string;
  readonly revisionId: string;
  readonly revision: number;
  readonly revisionSha256: string;
  readonly document: ProductDocument;
  readonly state: SubmissionState;
  readonly stage: StageName | null;
  readonly submittedBy: string;
  readonly submittedAt: Date;
  readonly updatedAt: Date;
  readonly endedAt: Date | null;
  readonly reviewersNeeded: number;
  readonly reviewWhy: string;
  /** Who signed it off together with submitting it. */
  readonly signedOffBy: string | null;
  /** By when a person of the operator acts, while one is waited for. */
  readonly answerBy: Date | null;
}

/** What a reviewer said about a submission. */
export interface ReviewRow {
  readonly personId: string;
  readonly email: string;
  readonly decision: 'approve' | 'reject';
  readonly comment: string;
  readonly at: Date;
}

export interface StageRow {
  readonly stage: StageName;
  readonly state: StageState;
  readonly attempt: number;
  /** How many of them were made before somebody asked to try again: these no longer count against the allowed ones. */
  readonly attemptsBefore: number;
  readonly inputsSha256: string | null;
  readonly summary: string;
  readonly findings: Finding[];
  readonly evidence: Evidence[];
  readonly log: { at: string; line: string }[];
  readonly output: Record<string, unknown> | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export type SubmissionEvent =
  | 'submitted'
  | 'stage-passed'
  | 'wait'
  | 'refused'
  | 'hold'
  | 'retried'
  | 'signed-off'
  | 'approved'
  | 'rejected'
  | 'cancelled'
  | 'superseded'
  | 'released';

/**
 * Where a submission may go. Data, so that a test walks every state and event; `publishing.sql.ts` is the only place that
 * writes the column, always with the state it comes from.
 */
export const transitions: Readonly<
  Record<SubmissionState, Partial<Record<SubmissionEvent, SubmissionState>>>
> = {
  running: {
    'stage-passed': 'running',
    wait: 'waiting',
    refused: 'refused',
    hold: 'held',
    cancelled: 'cancelled',
    released: 'released',
  },
  waiting: {
    'signed-off': 'running',
    approved: 'running',
    rejected: 'refused',
    cancelled: 'cancelled',
    superseded: 'superseded',
  },
  held: { retried: 'running', cancelled: 'cancelled' },
  refused: {},
  cancelled: {},
  released: {},
  superseded: {},
};

export const isOver = (state: SubmissionState): boolean => Object.keys(transitions[state]).length === 0;

/** The states from which an event is possible; for messages. */
export const statesFor = (event: SubmissionEvent): SubmissionState[] =>
  (Object.keys(transitions) as SubmissionState[]).filter((s) => transitions[s][event] !== undefined);
