import { ChevronRightIcon } from '@radix-ui/react-icons';
import { businessDaysText } from '@souk/contract/business-days';
import { type ReactNode, useId, useState } from 'react';
import type { Finding, StageReport } from '../api/types.ts';
import { formatClock, formatDuration, plural } from '../format/format.ts';
import { reachable } from './code.tsx';
import { EvidenceGrid } from './evidence.tsx';
import { FindingList } from './finding.tsx';
import { Badge, StatusShape, stateWord } from './status-badge.tsx';
import { Elapsed, useNow } from './time.tsx';
import styles from './timeline.module.css';

interface Props {
  readonly stages: readonly StageReport[];
  readonly linkTo?: ((pointer: string) => string) | undefined;
  /** The stage that a mail or a notification points to: opened at once. */
  readonly openStage?: string | null;
  /** What can be done about a finding besides mending it. */
  readonly findingActions?: (finding: Finding) => ReactNode;
}

/** The pipeline as one reads a receipt: each stage, what it found, how long it took, what comes next. */
export function PipelineTimeline({ stages, linkTo, openStage, findingActions }: Props) {
  return (
    <ol className={styles.list}>
      {stages.map((stage) => (
        <Stage
          key={stage.stage}
          stage={stage}
          linkTo={linkTo}
          openAtFirst={stage.stage === openStage}
          findingActions={findingActions}
        />
      ))}
    </ol>
  );
}

interface StageProps {
  readonly stage: StageReport;
  readonly linkTo: ((pointer: string) => string) | undefined;
  readonly openAtFirst: boolean;
  readonly findingActions: ((finding: Finding) => ReactNode) | undefined;
}

const done = ['passed', 'carried-over', 'not-run'];

function Stage({ stage, linkTo, openAtFirst, findingActions }: StageProps) {
  const id = useId();
  const [chosen, setChosen] = useState<boolean | null>(openAtFirst ? true : null);
  const hasDetails = stage.findings.length > 0 || stage.evidence.length > 0 || stage.log.length > 0;
  // What went wrong is open without a click, until somebody closes it.
  const open = hasDetails && (chosen ?? (stage.state === 'refused' || stage.state === 'held'));
  return (
    <li
      className={styles.stage}
      id={`stage-${stage.stage}`}
      data-state={stage.state}
      data-done={done.includes(stage.state) || undefined}
    >
      <span className={styles.dot}>
        <StatusShape state={stage.state} size={18} />
      </span>
      <div style={{ minWidth: 0 }}>
        {hasDetails ? (
          <button
            type="button"
            className={styles.summary}
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setChosen(!open)}
          >
            <Summary stage={stage} open={open} />
          </button>
        ) : (
          <div className={styles.summary}>
            <Summary stage={stage} open={null} />
          </div>
        )}
        {open ? (
          <div className={styles.details} id={id}>
            <FindingList findings={stage.findings} linkTo={linkTo} actions={findingActions} />
            <EvidenceGrid evidence={stage.evidence} />
            <StageLog log={stage.log} title={stage.title} />
          </div>
        ) : null}
      </div>
    </li>
  );
}

function Summary({ stage, open }: { stage: StageReport; open: boolean | null }) {
  const errors = stage.findings.filter((f) => f.severity === 'error').length;
  const warnings = stage.findings.filter((f) => f.severity === 'warning').length;
  return (
    <>
      <span className={styles.name}>
        <span className={styles.title}>
          {stage.title}
          {open === null ? null : (
            <ChevronRightIcon className={styles.chevron} data-open={open || undefined} aria-hidden="true" />
          )}
        </span>
        {errors > 0 ? <Badge tone="bad">{plural(errors, 'error')}</Badge> : null}
        {warnings > 0 ? <Badge tone="warn">{plural(warnings, 'warning')}</Badge> : null}
        {stage.attempt > 1 ? (
          <Badge tone="neutral">
            Attempt {stage.attempt} of {stage.attemptsMax}
          </Badge>
        ) : null}
      </span>
      <span className={styles.clock}>
        <StageClock stage={stage} />
      </span>
      {stage.summary ? <span className={styles.says}>{stage.summary}</span> : null}
      {stage.state === 'pending' && stage.acts === 'operator' ? (
        <Review estimateMs={stage.estimateMs} />
      ) : null}
    </>
  );
}

function Review({ estimateMs }: { estimateMs: number }) {
  const now = useNow(60_000);
  return (
    <span className={styles.says}>
      Where it is read: {businessDaysText(estimateMs, new Date(now))}, if it began now.
    </span>
  );
}

function StageClock({ stage }: { stage: StageReport }) {
  const { state, startedAt, endedAt, estimateMs, acts } = stage;
  const word = stateWord(state);
  if (state === 'pending')
    return acts === 'system' ? <>about {formatDuration(estimateMs)}</> : <>by the {acts}</>;
  if (!startedAt) return word;
  if (state === 'running')
    return (
      <>
        <Elapsed from={startedAt} to={null} /> of about {formatDuration(estimateMs)}
      </>
    );
  if (state === 'waiting' || state === 'held')
    return (
      <>
        {word} for <Elapsed from={startedAt} to={endedAt} />
      </>
    );
  return (
    <>
      {word}
      {state === 'carried-over' || state === 'not-run' ? null : (
        <>
          {' · '}
          <Elapsed from={startedAt} to={endedAt} />
        </>
      )}
    </>
  );
}

function StageLog({ log, title }: { log: StageReport['log']; title: string }) {
  if (log.length === 0) return null;
  return (
    <section className={styles.log} aria-label={`Log of ${title}`} {...reachable}>
      {log.map((entry) => (
        <div key={entry.at + entry.line} className={styles.logLine}>
          <span>{formatClock(entry.at)}</span>
          <span>{entry.line}</span>
        </div>
      ))}
    </section>
  );
}
