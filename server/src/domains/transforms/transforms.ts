import type { NewTransformJob, TransformFailure, TransformJob, TransformState } from '@souk/contract';
import type { Servable } from '../runtime/index.ts';

export type { TransformFailure, TransformState };
export type TransformEvent = 'stop-asked' | 'completed' | 'failed' | 'stopped';

/** Source: SageMaker transform jobs, reference section 2.7. A test walks every state and event. */
export const transitions: Readonly<Record<TransformState, Partial<Record<TransformEvent, TransformState>>>> =
  {
    // A job that was asked to stop may have come to its end meanwhile; it is told as it was wanted.
    InProgress: { 'stop-asked': 'Stopping', completed: 'Completed', failed: 'Failed', stopped: 'Stopped' },
    Stopping: { completed: 'Stopped', failed: 'Stopped', stopped: 'Stopped' },
    Completed: {},
    Failed: {},
    Stopped: {},
  };
export const isOver = (state: TransformState): boolean => Object.keys(transitions[state]).length === 0;

/** What was asked for, as it is kept with the job. */
export type TransformRequest = Omit<NewTransformJob, 'name' | 'model'>;

/** What the job runs, as it was found when the job was created. */
export interface TransformModel {
  readonly subscriptionId: string;
  readonly version: string;
  /** The account's own, made by a training; not there: the product itself. */
  readonly modelPackage?: string | null;
  readonly name: string;
  readonly servable: Servable;
}

export interface TransformRow {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly state: TransformState;
  readonly stage: TransformJob['stage'];
  readonly failure: TransformFailure | null;
  readonly model: TransformModel;
  readonly request: TransformRequest;
  readonly effective: TransformJob['effective'];
  /** Null until the inputs are listed. */
  readonly filesTotal: number | null;
  readonly filesDone: number;
  readonly filesFailed: number;
  readonly bytesTotal: number;
  readonly rowsDone: number;
  readonly callsDone: number;
  readonly bytesDone: number;
  readonly countedUnits: number;
  /** What is under way, as it was last told; forgotten by the next worker. */
  readonly live: {
    readonly rows: number;
    readonly calls: number;
    readonly bytes: number;
    readonly rowsPerSecond: number;
  };
  readonly manifestUri: string | null;
  readonly log: string[];
  readonly createdBy: string;
  readonly personId: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface FileRow {
  readonly position: number;
  readonly inputUri: string;
  readonly outputUri: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
  readonly inputBytes: number;
  readonly rows: number;
  readonly calls: number;
  readonly outputBytes: number | null;
  readonly outputSha256: string | null;
  readonly failure: TransformFailure | null;
  readonly finishedAt: Date | null;
}
