import type { ReactNode } from 'react';
import styles from './status-badge.module.css';

export type Tone = 'neutral' | 'good' | 'warn' | 'bad' | 'info';
export type Shape =
  | 'check'
  | 'cross'
  | 'pause'
  | 'ring'
  | 'spinner'
  | 'dash'
  | 'dot'
  | 'eye'
  | 'arrow'
  | 'bang';

/** A state has a word, a shape and a colour: any one of the three is enough to tell it from the others. */
const looks: Record<string, readonly [Tone, Shape, string?]> = {
  // products
  draft: ['neutral', 'ring', 'Draft'],
  'in-pipeline': ['info', 'spinner', 'In pipeline'],
  preview: ['warn', 'eye', 'Preview'],
  live: ['good', 'check', 'Live'],
  attention: ['bad', 'bang', 'Needs attention'],
  leaving: ['warn', 'arrow', 'Leaving'],
  removed: ['neutral', 'dash', 'Removed'],
  'taken-down': ['bad', 'cross', 'Taken down'],
  republished: ['good', 'check', 'Sold again'],
  restored: ['good', 'check', 'Restored'],
  // promotion codes
  open: ['good', 'check', 'Open'],
  'used-up': ['neutral', 'dash', 'Used up'],
  // submissions and stages
  running: ['info', 'spinner', 'Running'],
  waiting: ['warn', 'pause', 'Waiting'],
  held: ['warn', 'bang', 'Held'],
  refused: ['bad', 'cross', 'Refused'],
  cancelled: ['neutral', 'dash', 'Cancelled'],
  released: ['good', 'check', 'Released'],
  superseded: ['neutral', 'arrow', 'Superseded'],
  pending: ['neutral', 'ring', 'Pending'],
  passed: ['good', 'check', 'Passed'],
  'carried-over': ['good', 'arrow', 'Carried over'],
  'not-run': ['neutral', 'dash', 'Not run'],
  // disputes
  'dispute-open': ['warn', 'pause', 'Disputed'],
  'dispute-granted': ['good', 'check', 'Granted'],
  'dispute-declined': ['bad', 'cross', 'Declined'],
  'dispute-corrected': ['good', 'arrow', 'Corrected'],
  'dispute-withdrawn': ['neutral', 'dash', 'Withdrawn'],
  // batch jobs of web services
  Running: ['info', 'spinner', 'Running'],
  Finished: ['good', 'check', 'Finished'],
  Cancelled: ['neutral', 'dash', 'Cancelled'],
  // model packages
  Pending: ['neutral', 'ring', 'Pending'],
  NotStarted: ['neutral', 'ring', 'Not started'],
  InProgress: ['info', 'spinner', 'In progress'],
  Scanning: ['info', 'spinner', 'Scanning'],
  Completed: ['good', 'check', 'Completed'],
  Failed: ['bad', 'cross', 'Failed'],
  Deleting: ['neutral', 'spinner', 'Deleting'],
  // trainings
  Starting: ['info', 'spinner', 'Starting'],
  Downloading: ['info', 'spinner', 'Downloading'],
  LaunchingMLInstances: ['info', 'spinner', 'Launching instances'],
  DownloadingTrainingImage: ['info', 'spinner', 'Loading the image'],
  Training: ['info', 'spinner', 'Training'],
  Uploading: ['info', 'spinner', 'Uploading'],
  Interrupted: ['warn', 'bang', 'Interrupted'],
  Restarting: ['info', 'spinner', 'Restarting'],
  MaxRuntimeExceeded: ['warn', 'bang', 'Out of time'],
  // subscriptions, keys, invitations, invoices
  active: ['good', 'check', 'Active'],
  suspended: ['warn', 'pause', 'Suspended'],
  ended: ['neutral', 'dash', 'Ended'],
  revoked: ['neutral', 'cross', 'Revoked'],
  expired: ['neutral', 'dash', 'Expired'],
  accepted: ['good', 'check', 'Accepted'],
  withdrawn: ['neutral', 'cross', 'Withdrawn'],
  'so-far': ['info', 'ring', 'So far'],
  closed: ['neutral', 'check', 'Closed'],
  // requests for approval
  approved: ['good', 'check', 'Approved'],
  denied: ['bad', 'cross', 'Denied'],
  used: ['neutral', 'check', 'Used'],
  // running things and the installation
  Stopped: ['neutral', 'dash', 'Stopped'],
  Stopping: ['warn', 'spinner', 'Stopping'],
  skipped: ['neutral', 'dash', 'Skipped'],
  done: ['good', 'check', 'Done'],
  Creating: ['info', 'spinner', 'Creating'],
  Provisioning: ['info', 'spinner', 'Being started'],
  Succeeded: ['good', 'check', 'Answers'],
  InService: ['good', 'check', 'In service'],
  Updating: ['info', 'spinner', 'Updating'],
  RollingBack: ['warn', 'spinner', 'Rolling back'],
  OutOfService: ['bad', 'bang', 'Out of service'],
  asleep: ['neutral', 'pause', 'Asleep'],
  draining: ['neutral', 'spinner', 'Draining'],
  ready: ['good', 'check', 'Ready'],
  starting: ['info', 'spinner', 'Starting'],
  down: ['bad', 'cross', 'Down'],
  stopped: ['neutral', 'dash', 'Stopped'],
  unseen: ['warn', 'bang', 'Unseen'],
  ok: ['good', 'check', 'OK'],
  degraded: ['warn', 'bang', 'Degraded'],
  // verification of publishers, payouts
  unverified: ['neutral', 'ring', 'Not verified'],
  verified: ['good', 'check', 'Verified'],
  'more-needed': ['warn', 'bang', 'More needed'],
  rejected: ['bad', 'cross', 'Declined'],
  'not-set-up': ['neutral', 'ring', 'Not set up'],
  // mail
  queued: ['info', 'spinner', 'Queued'],
  sent: ['good', 'check', 'Sent'],
  failed: ['bad', 'cross', 'Failed'],
  outbox: ['neutral', 'dot', 'In the outbox'],
  // versions, findings
  listed: ['good', 'check', 'Listed'],
  restricted: ['warn', 'pause', 'Restricted'],
  limited: ['warn', 'eye', 'Limited'],
  error: ['bad', 'cross', 'Error'],
  warning: ['warn', 'bang', 'Warning'],
  info: ['info', 'dot', 'Note'],
};

const fallback: readonly [Tone, Shape] = ['neutral', 'dot'];

export function StatusBadge({ state, children }: { state: string; children?: ReactNode }) {
  const [tone, shape, word] = looks[state] ?? fallback;
  return (
    <Badge tone={tone} shape={shape}>
      {children ?? word ?? state}
    </Badge>
  );
}

export function Badge({ tone, shape, children }: { tone: Tone; shape?: Shape; children: ReactNode }) {
  return (
    <span className={`${styles.badge} ${styles[tone]}`}>
      {shape ? <ShapeIcon shape={shape} /> : null}
      {children}
    </span>
  );
}

/** The shape and colour alone, where the word stands beside it anyway. */
export function StatusShape({ state, size }: { state: string; size?: number }) {
  const [tone, shape] = looks[state] ?? fallback;
  return (
    <span className={`${styles.bare} ${styles[tone]}`}>
      <ShapeIcon shape={shape} size={size} />
    </span>
  );
}

export const stateWord = (state: string) => looks[state]?.[2] ?? state;

const paths: Record<Exclude<Shape, 'spinner'>, ReactNode> = {
  check: <path d="M4.5 8.2 7 10.6l4.6-5" />,
  cross: <path d="m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6" />,
  pause: <path d="M6.3 5.4v5.2m3.4-5.2v5.2" />,
  ring: null,
  dash: <path d="M5 8h6" />,
  dot: <circle cx="8" cy="8" r="2.2" fill="currentColor" stroke="none" />,
  eye: <circle cx="8" cy="8" r="2.4" />,
  arrow: <path d="M5 8h6M8.6 5.4 11.2 8l-2.6 2.6" />,
  bang: <path d="M8 4.6v4m0 2.6v.1" />,
};

function ShapeIcon({ shape, size = 14 }: { shape: Shape; size?: number | undefined }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {shape === 'spinner' ? (
        <g className={styles.spin}>
          <circle cx="8" cy="8" r="6.4" opacity="0.3" />
          <path d="M8 1.6A6.4 6.4 0 0 1 14.4 8" />
        </g>
      ) : (
        <>
          <circle cx="8" cy="8" r="6.4" strokeDasharray={shape === 'ring' ? '2.6 2.4' : undefined} />
          {paths[shape]}
        </>
      )}
    </svg>
  );
}
