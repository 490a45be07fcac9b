import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Finding } from '../api/types.ts';
import styles from './finding.module.css';
import { StatusShape, stateWord } from './status-badge.tsx';

interface Props {
  readonly finding: Finding;
  /** Where the field of a JSON pointer is edited; a finding about the document then leads there. */
  readonly linkTo?: ((pointer: string) => string) | undefined;
  /** What can be done about it besides mending it. */
  readonly actions?: ((finding: Finding) => ReactNode) | undefined;
}

/** What a check has to say: how bad, what, where, and what to do about it. */
export function FindingCard({ finding, linkTo, actions }: Props) {
  const { severity, message, remedy, code, file, line, pointer } = finding;
  return (
    <li className={styles.card} data-severity={severity}>
      <StatusShape state={severity} />
      <p className={styles.message}>
        <span className="visually-hidden">{stateWord(severity)}: </span>
        {message}
      </p>
      <p className={styles.remedy}>{remedy}</p>
      <p className={styles.place}>
        {pointer ? (
          linkTo ? (
            <Link to={linkTo(pointer)}>Go to {pointer}</Link>
          ) : (
            <span className="mono">{pointer}</span>
          )
        ) : null}
        {file ? (
          <span className="mono">
            {file}
            {line === null ? '' : `:${line}`}
          </span>
        ) : null}
        {code.startsWith('publisher.') ? (
          <Link to={profilePlace(code)}>Open the publisher profile</Link>
        ) : null}
        <span className="mono">{code}</span>
      </p>
      {actions ? <div className={styles.actions}>{actions(finding)}</div> : null}
    </li>
  );
}

/** Where a publisher closes what it lacks. */
const profilePlace = (code: string) => {
  if (code === 'publisher.missing' || code === 'publisher.profile_incomplete') return '/publish/profile';
  const section = /^publisher\.(tax|bank)_/.exec(code)?.[1] ?? 'verification';
  return `/publish/profile?section=${section}`;
};

export function FindingList({
  findings,
  linkTo,
  actions,
}: Omit<Props, 'finding'> & { readonly findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul className={styles.list}>
      {findings.map((finding) => (
        <FindingCard
          key={`${finding.code}${finding.pointer}${finding.file}${finding.line}${finding.message}`}
          finding={finding}
          linkTo={linkTo}
          actions={actions}
        />
      ))}
    </ul>
  );
}
