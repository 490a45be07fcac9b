import { Button, Select } from '@mantine/core';
import { feedbackLimits } from '@souk/contract/community-limits';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../api/client.ts';
import { feedbackQueries, refreshFeedback } from '../../api/queries/feedback.ts';
import type { ModerationItem } from '../../api/types.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Post } from '../../components/post.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { Badge } from '../../components/status-badge.tsx';
import { TextDialog } from '../../components/text-dialog.tsx';
import { toast } from '../../components/toast.ts';

type State = 'reported' | 'hidden' | 'all';
type Decision = 'hide' | 'keep' | 'restore';
const states: { value: State; label: string }[] = [
  { value: 'reported', label: 'Reported' },
  { value: 'hidden', label: 'Hidden' },
  { value: 'all', label: 'All' },
];
const words: Record<Decision, string> = { hide: 'Hide', keep: 'Keep', restore: 'Show again' };
const choices: Record<ModerationItem['state'], readonly Decision[]> = {
  reported: ['hide', 'keep'],
  hidden: ['restore'],
  visible: ['hide'],
};

/** What somebody reported waits here, oldest first; each decision has a reason that its author reads. */
export function FeedbackPage() {
  const [state, setState] = useState<State>('reported');
  const [deciding, setDeciding] = useState<{ item: ModerationItem; decision: Decision } | null>(null);
  const query = useInfiniteQuery(feedbackQueries.moderation(state));
  return (
    <Page
      title="Reviews and questions"
      lead="What was reported, and what is hidden."
      actions={
        <Select
          aria-label="Which"
          data={states}
          value={state}
          allowDeselect={false}
          w={140}
          onChange={(value) => setState((value ?? 'reported') as State)}
        />
      }
    >
      <Panel title={states.find((s) => s.value === state)?.label}>
        <QueryView query={query}>
          {({ pages }) => {
            const items = pages.flatMap((p) => p.items);
            if (items.length === 0)
              return (
                <EmptyState title={state === 'reported' ? 'Nothing waits' : 'Nothing here'}>
                  Anybody who is signed in can report a review or a public question.
                </EmptyState>
              );
            return (
              <div>
                {items.map((item) => (
                  <Item key={item.id} item={item} onDecide={(decision) => setDeciding({ item, decision })} />
                ))}
                {query.hasNextPage ? (
                  <Button
                    variant="default"
                    loading={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                  >
                    Show more
                  </Button>
                ) : null}
              </div>
            );
          }}
        </QueryView>
      </Panel>
      <DecideDialog deciding={deciding} onClose={() => setDeciding(null)} />
    </Page>
  );
}

function Item({ item, onDecide }: { item: ModerationItem; onDecide: (decision: Decision) => void }) {
  return (
    <Post
      title={
        <>
          <Badge tone={item.state === 'visible' ? 'neutral' : 'warn'}>
            {item.kind === 'review' ? 'Review' : 'Question'}, {item.state}
          </Badge>
          <strong className="break">{item.title}</strong>
        </>
      }
      by={
        <>
          {item.author}, about{' '}
          <Link to={`/products/${item.publisher}/${item.product}`}>
            {item.publisher}/{item.product}
          </Link>
        </>
      }
      at={item.createdAt}
      text={item.reply ? `${item.text}\n\nThe publisher: ${item.reply}` : item.text}
      actions={choices[item.state].map((decision) => (
        <Button
          key={decision}
          size="compact-sm"
          variant="default"
          aria-label={`${words[decision]} “${item.title}”`}
          onClick={() => onDecide(decision)}
        >
          {words[decision]}
        </Button>
      ))}
    >
      {item.hiddenReason ? <p className="small break">Hidden: {item.hiddenReason}</p> : null}
      {item.reports.map((report) => (
        <Post key={report.by} by={`Reported by ${report.by}`} at={report.at} text={report.reason} />
      ))}
    </Post>
  );
}

interface DecideProps {
  readonly deciding: { readonly item: ModerationItem; readonly decision: Decision } | null;
  readonly onClose: () => void;
}

function DecideDialog({ deciding, onClose }: DecideProps) {
  const decide = useMutation({
    mutationFn: (reason: string) =>
      take(
        api.POST('/api/operator/feedback/{itemId}', {
          params: { path: { itemId: deciding?.item.id ?? '' } },
          body: { decision: deciding?.decision ?? 'keep', reason },
        }),
      ),
    onSuccess: () => {
      onClose();
      toast.done('Decided.');
      void refreshFeedback();
    },
  });
  const word = deciding ? words[deciding.decision] : '';
  return (
    <TextDialog
      opened={deciding !== null}
      onClose={onClose}
      title={`${word} “${deciding?.item.title ?? ''}”`}
      label="Reason"
      action={word}
      charsMax={feedbackLimits.reasonChars}
      busy={decide.isPending}
      error={decide.error}
      onSend={(reason) => decide.mutate(reason)}
    />
  );
}
