import type { Evidence, Finding, ProductType, StageName } from '@souk/contract';
import type { Tx } from '../../../platform/db.ts';
import type { StageRow, SubmissionRow } from '../publishing.ts';

/** What a stage is given. It runs outside any transaction and may run more than once for the same submission. */
export interface StageContext {
  readonly submission: SubmissionRow;
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Outputs of the stages before. */
  output(stage: StageName): Promise<Record<string, unknown>>;
  log(line: string): Promise<void>;
}

/** What a stage has to say about the content. A refusal is the publisher's to mend; what broke on our side is thrown. */
export type StageOutcome =
  | {
      readonly kind: 'passed';
      readonly summary: string;
      readonly findings?: readonly Finding[];
      readonly evidence?: readonly Evidence[];
      readonly output?: Record<string, unknown>;
      /** What becomes true together with the outcome, in its transaction. */
      readonly commit?: (tx: Tx) => Promise<void>;
    }
  | {
      readonly kind: 'refused';
      readonly summary: string;
      readonly findings: readonly Finding[];
      readonly evidence?: readonly Evidence[];
    };

export interface Stage {
  /** The parts of the submission that decide the outcome; the same parts carry an earlier outcome over. */
  reads(submission: SubmissionRow): Promise<unknown>;
  /** Whether what an earlier submission found for the same parts still holds; without it, it does. */
  holds?(submission: SubmissionRow, before: Pick<StageRow, 'output'>): Promise<boolean>;
  run(context: StageContext): Promise<StageOutcome>;
}

/** Thrown by a stage that cannot go on before a human acts (no virus scanner, say): held at once, without more attempts. */
export class Hold extends Error {}

/** One stage that does different work for some product types. */
export function byType(own: Partial<Record<ProductType, Stage>>, others: Stage): Stage {
  const of = (s: SubmissionRow) => own[s.productType] ?? others;
  return {
    reads: (s) => of(s).reads(s),
    holds: async (s, before) => (await of(s).holds?.(s, before)) ?? true,
    run: (context) => of(context.submission).run(context),
  };
}
