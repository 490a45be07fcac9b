import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { feedbackQueries } from '../../api/queries/feedback.ts';
import type { Question } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { questionState } from './question-state.tsx';

const columns = (received: boolean): Column<Question>[] => [
  {
    key: 'title',
    header: 'Question',
    value: (q) => q.title,
    cell: (q) => (
      <>
        <Link
          to={`${received ? '/publish' : ''}/questions/${q.id}`}
          className="break"
          style={{ fontWeight: 500 }}
        >
          {q.title}
        </Link>
        <span className="tiny faint break" style={{ display: 'block' }}>
          {q.productTitle}
        </span>
      </>
    ),
  },
  {
    key: 'asker',
    header: 'Asked by',
    value: (q) => q.asker,
    cell: (q) => <span className="break">{q.asker}</span>,
  },
  { key: 'state', header: 'State', value: (q) => q.state, cell: (q) => questionState(q, received) },
  {
    key: 'updated',
    header: 'Last',
    align: 'end',
    value: (q) => q.updatedAt,
    cell: (q) => <RelativeTime at={q.updatedAt} />,
  },
];

/** Questions that the account asked; those to it as a publisher are in the other room. */
export const QuestionsPage = () => <Questions received={false} />;
export const PublisherQuestionsPage = () => <Questions received />;

function Questions({ received }: { received: boolean }) {
  const query = useInfiniteQuery(feedbackQueries.questions({ box: received ? 'received' : 'asked' }));
  return (
    <Page
      title={received ? 'Questions' : 'My questions'}
      lead={received ? 'What buyers ask you. Open ones wait for you.' : 'What your account asked publishers.'}
      width="wide"
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Questions"
              columns={columns(received)}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(q) => q.id}
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState title="No questions">
                  {received
                    ? 'Buyers ask from the product page.'
                    : 'Ask from the section Questions of a product page.'}
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
