import { useQuery } from '@tanstack/react-query';
import { reviewQueries } from '../../api/queries/review.ts';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { Badge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { Assignee } from './queue-page.tsx';

/** Where a submission stands in the operator's queue: who has taken it, and its clock. */
export function QueuePlace({ submissionId }: { submissionId: string }) {
  const query = useQuery(reviewQueries.queue());
  const item = query.data?.items.find((i) => i.submissionId === submissionId);
  if (!item) return null;
  return (
    <Panel title="In the queue">
      <Facts>
        <Fact name="Due">
          <RelativeTime at={item.dueAt} />{' '}
          {item.overdue ? (
            <Badge tone="bad" shape="bang">
              Overdue
            </Badge>
          ) : null}
        </Fact>
        <Fact name="Waiting">
          <RelativeTime at={item.waitingSince} />
        </Fact>
        <Fact name="Taken by">
          <Assignee item={item} />
        </Fact>
      </Facts>
    </Panel>
  );
}
