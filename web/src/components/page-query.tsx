import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { describeError, isApiError } from '../api/errors.ts';
import { Page } from './page.tsx';
import { Panel } from './panel.tsx';
import { ErrorState, LoadingLines } from './states.tsx';

interface Props<T> {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>;
  /** What the page is about, while nothing is known yet. */
  readonly title: string;
  readonly children: (data: T) => ReactNode;
}

const headings: Record<string, string> = {
  missing: 'Not found',
  forbidden: 'Not for your role',
  unauthenticated: 'Sign in first',
};

/** The faces of a page that is nothing without its one thing. */
export function PageQuery<T>({ query, title, children }: Props<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) {
    const retry =
      isApiError(query.error) && query.error.status < 500 ? undefined : () => void query.refetch();
    return (
      <Page title={headings[describeError(query.error).kind] ?? title}>
        <Panel flush>
          <ErrorState error={query.error} onRetry={retry} />
        </Panel>
      </Page>
    );
  }
  return (
    <Page title={title}>
      <Panel flush>
        <LoadingLines lines={8} />
      </Panel>
    </Page>
  );
}
