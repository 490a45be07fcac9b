import { Button, Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { describeError, isApiError } from '../api/errors.ts';
import { CopyableId } from './copy.tsx';
import styles from './states.module.css';
import { StatusShape } from './status-badge.tsx';

/** Says what would be here, and what to do so that it is. */
export function EmptyState({
  title,
  children,
  actions,
}: {
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className={styles.state} data-centered="">
      <p className={styles.title}>{title}</p>
      {children ? <div className={styles.text}>{children}</div> : null}
      {actions ? <div className={styles.actions}>{actions}</div> : null}
    </div>
  );
}

export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const detail = describeError(error);
  return (
    <div className={styles.state} role="alert">
      <StatusShape state="error" size={20} />
      <p className={styles.title}>{detail.message}</p>
      <p className={styles.text}>{detail.remedy}</p>
      <p className={styles.meta}>
        <span className="mono">{detail.code}</span>
        {detail.requestId ? (
          <span className="row-nowrap" style={{ gap: 4 }}>
            Request <CopyableId id={detail.requestId} what="request id" />
          </span>
        ) : null}
      </p>
      {onRetry ? (
        <div className={styles.actions}>
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** An error beside the thing that caused it: in a form, above a button. */
export function ErrorNotice({ error }: { error: unknown }) {
  if (!error) return null;
  const detail = describeError(error);
  return (
    <Notice tone="bad" title={detail.message}>
      {detail.remedy}
      {detail.requestId && detail.kind === 'internal' ? (
        <CopyableId id={detail.requestId} what="request id" />
      ) : null}
    </Notice>
  );
}

interface NoticeProps {
  readonly tone: 'info' | 'good' | 'warn' | 'bad';
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}
const noticeShapes = { info: 'info', good: 'passed', warn: 'warning', bad: 'error' };

export function Notice({ tone, title, actions, children }: NoticeProps) {
  return (
    <div className={styles.notice} data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
      <StatusShape state={noticeShapes[tone]} />
      <div className={styles.noticeBody}>
        {title ? <div className={styles.noticeTitle}>{title}</div> : null}
        {children ? <div>{children}</div> : null}
      </div>
      {actions}
    </div>
  );
}

const lineWidths = ['92%', '74%', '83%', '58%', '88%', '66%', '79%', '52%'];

export function LoadingLines({ lines = 5 }: { lines?: number }) {
  return (
    <div className={styles.lines} aria-busy="true">
      <span className="visually-hidden">Loading</span>
      {lineWidths.slice(0, lines).map((width) => (
        <Skeleton key={width} height={12} width={width} radius="sm" />
      ))}
    </div>
  );
}

interface QueryViewProps<T> {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'isPending' | 'refetch'>;
  readonly loading?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

/** The loading, error and content faces of whatever a query brings. */
export function QueryView<T>({ query, loading, children }: QueryViewProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) {
    const retry =
      isApiError(query.error) && query.error.status < 500 ? undefined : () => void query.refetch();
    return <ErrorState error={query.error} onRetry={retry} />;
  }
  return <>{loading ?? <LoadingLines />}</>;
}
