import { Button, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { reviewQueries } from '../../api/queries/review.ts';
import { queryClient } from '../../api/query-client.ts';
import { Panel } from '../../components/panel.tsx';
import { ErrorNotice } from '../../components/states.tsx';
import { Badge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';

/** What reviewer and publisher write to each other about one submission; the other side is mailed. */
export function CommentsPanel({ submissionId, note }: { submissionId: string; note: string }) {
  const query = useQuery(reviewQueries.comments(submissionId));
  const [text, setText] = useState('');
  const add = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/submissions/{submissionId}/comments', {
          params: { path: { submissionId } },
          body: { text: text.trim() },
        }),
      ),
    onSuccess: () => {
      setText('');
      void queryClient.invalidateQueries({ queryKey: reviewQueries.comments(submissionId).queryKey });
    },
  });
  const comments = query.data?.items ?? [];
  return (
    <Panel title="Comments" note={note}>
      <div className="stack" style={{ '--gap': '14px' }}>
        {comments.length > 0 ? (
          <ul className="stack" style={{ '--gap': '12px', listStyle: 'none', padding: 0 }}>
            {comments.map((comment) => (
              <li key={comment.id}>
                <div className="row small" style={{ gap: 8 }}>
                  <span className="break" style={{ fontWeight: 550 }}>
                    {comment.by}
                  </span>
                  <Badge tone={comment.side === 'operator' ? 'info' : 'neutral'}>{comment.side}</Badge>
                  <span className="muted">
                    <RelativeTime at={comment.at} />
                  </span>
                </div>
                {comment.pointer ? <span className="mono tiny muted">{comment.pointer}</span> : null}
                <p className="small break" style={{ whiteSpace: 'pre-wrap' }}>
                  {comment.text}
                </p>
              </li>
            ))}
          </ul>
        ) : null}
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <Textarea
            aria-label="Comment"
            placeholder="Write a comment"
            autosize
            minRows={2}
            maxLength={10_000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <ErrorNotice error={add.error ?? query.error} />
          <div>
            <Button
              type="submit"
              variant="default"
              size="compact-sm"
              loading={add.isPending}
              disabled={text.trim() === ''}
            >
              Send
            </Button>
          </div>
        </form>
      </div>
    </Panel>
  );
}
