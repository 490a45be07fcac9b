import { type ProductType, productTypes, type StageName } from '@souk/contract';

/** One stage of the pipeline, as people and the runner need to know it. */
export interface StageDefinition {
  readonly stage: StageName;
  readonly title: string;
  readonly types: readonly ProductType[];
  readonly acts: 'system' | 'publisher' | 'operator';
  /** Shown to people until this installation has measured its own. */
  readonly estimateMs: number;
  /** Runs before a fault is handed to the operator. */
  readonly attemptsMax: number;
  readonly timeLimitMs: number | null;
  readonly does: string;
  readonly onRefusal: string;
  readonly onFault: string;
  readonly undo: string | null;
  /** True: passes over again what was found for the same inputs in an earlier submission of the product. */
  readonly carriesOver: boolean;
}

const minute = 60_000;
const hour = 60 * minute;
const toPublisher = 'The findings go to the publisher, who edits the draft and submits again.';
const retriedThenHeld =
  'Tried again with growing pauses, then held for the operator; never shown as the publisher’s mistake.';
const models: readonly ProductType[] = ['model-package', 'algorithm'];

/**
 * The pipeline. A submission passes the stages of its product type from top to bottom. The status page, the API, the command
 * line and the documentation are drawn from this table; the functions that do the work are in stages/.
 */
export const pipeline: readonly StageDefinition[] = [
  {
    stage: 'prerequisites',
    title: 'Prerequisites',
    types: productTypes,
    acts: 'system',
    estimateMs: 200,
    attemptsMax: 5,
    timeLimitMs: minute,
    does: 'Checks that the document is complete and consistent, that the publisher has a profile, and that the resources exist, are Completed and belong to the publisher.',
    onRefusal: toPublisher,
    onFault: retriedThenHeld,
    undo: null,
    carriesOver: false,
  },
  {
    stage: 'attribution',
    title: 'Usage attribution',
    types: ['application'],
    acts: 'system',
    estimateMs: 200,
    attemptsMax: 5,
    timeLimitMs: minute,
    does: 'Checks that the usage-attribution id is well formed, in the template, and not another publisher’s.',
    onRefusal: toPublisher,
    onFault: retriedThenHeld,
    undo: null,
    carriesOver: true,
  },
  {
    stage: 'connection',
    title: 'Connection',
    types: ['web-service'],
    acts: 'system',
    estimateMs: 3000,
    attemptsMax: 3,
    timeLimitMs: 2 * minute,
    does: 'Tests the connection: address allowed, TLS, credentials accepted, metadata or operations readable, sample call answered.',
    onRefusal: toPublisher,
    onFault: retriedThenHeld,
    undo: null,
    carriesOver: true,
  },
  {
    stage: 'certification',
    title: 'Certification',
    types: productTypes,
    acts: 'system',
    estimateMs: 3000,
    attemptsMax: 3,
    timeLimitMs: 2 * hour,
    does: 'Examines archives, scans for malware, refuses unsafe models, scripts and secrets, and checks logo and texts.',
    onRefusal: toPublisher,
    onFault: retriedThenHeld,
    undo: null,
    carriesOver: true,
  },
  {
    stage: 'trial-run',
    title: 'Trial run',
    types: [...models, 'web-service'],
    acts: 'system',
    estimateMs: 5000,
    attemptsMax: 3,
    timeLimitMs: 30 * minute,
    does: 'Runs the product on its instance types, sends the sample input, compares the form of the answer, and measures latency and throughput.',
    onRefusal: toPublisher,
    onFault: retriedThenHeld,
    undo: 'Stops what it started.',
    carriesOver: true,
  },
  {
    stage: 'test-drive',
    title: 'Test drive',
    types: ['application'],
    acts: 'system',
    estimateMs: 60_000,
    attemptsMax: 3,
    timeLimitMs: hour,
    does: 'Deploys the test drive, takes it down, and deploys it again.',
    onRefusal: toPublisher,
    onFault: retriedThenHeld,
    undo: 'Takes the test drive down.',
    carriesOver: true,
  },
  {
    stage: 'packaging',
    title: 'Packaging',
    types: productTypes,
    acts: 'system',
    estimateMs: 500,
    attemptsMax: 5,
    timeLimitMs: 10 * minute,
    does: 'Writes the bill of materials and the signed statement over everything published, starts the versions and puts the revision into preview.',
    onRefusal: toPublisher,
    onFault: retriedThenHeld,
    undo: 'Takes the revision out of preview.',
    carriesOver: false,
  },
  {
    stage: 'sign-off',
    title: 'Preview and sign-off',
    types: productTypes,
    acts: 'publisher',
    estimateMs: 24 * hour,
    attemptsMax: 1,
    timeLimitMs: null,
    does: 'The preview’s audience subscribes and tests; the publisher says Go Live.',
    onRefusal: 'The publisher cancels, or submits a new revision that takes its place.',
    onFault: retriedThenHeld,
    undo: null,
    carriesOver: false,
  },
  {
    stage: 'review',
    title: 'Review',
    types: productTypes,
    acts: 'operator',
    estimateMs: 24 * hour,
    attemptsMax: 1,
    timeLimitMs: null,
    does: 'A reviewer of the operator reads what changed, where the operator’s policy asks for it.',
    onRefusal: 'The reviewer’s reason goes to the publisher.',
    onFault: retriedThenHeld,
    undo: null,
    carriesOver: false,
  },
  {
    stage: 'release',
    title: 'Release',
    types: productTypes,
    acts: 'system',
    estimateMs: 500,
    attemptsMax: 10,
    timeLimitMs: 10 * minute,
    does: 'Makes the revision available in each of its regions, then moves the live slot, and buyers see it.',
    onRefusal: 'Does not refuse.',
    onFault: retriedThenHeld,
    undo: 'Moves the live slot back to the revision before.',
    carriesOver: false,
  },
];

export const stagesFor = (type: string): StageDefinition[] =>
  pipeline.filter((s) => s.types.some((t) => t === type));

export function stageDefinition(stage: StageName): StageDefinition {
  const found = pipeline.find((s) => s.stage === stage);
  if (!found) throw new Error(`the pipeline has no stage ${stage}`);
  return found;
}
