import { useInfiniteQuery } from '@tanstack/react-query';
import { reviewQueries } from '../../api/queries/review.ts';
import { DisputesTable } from '../../components/disputes-table.tsx';
import { ExceptionsPanel } from '../../components/exceptions-panel.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryView } from '../../components/states.tsx';

/** A publisher's disputes with their answers, and what they have brought. */
export function DisputesPage() {
  const query = useInfiniteQuery(reviewQueries.disputes('own'));
  return (
    <Page
      title="Disputes"
      lead="Where you disagreed with a finding or a decision. A person who did not make it answers in writing."
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DisputesTable
              disputes={pages.flatMap((p) => p.items)}
              at="/publish/disputes"
              empty="Each finding that stops something has a button to dispute it."
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
            />
          )}
        </QueryView>
      </Panel>
      <ExceptionsPanel />
    </Page>
  );
}
