import { Button } from '@mantine/core';
import { feedbackLimits } from '@souk/contract/community-limits';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { feedbackQueries, refreshFeedback } from '../../api/queries/feedback.ts';
import type { Question } from '../../api/types.ts';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Panel } from '../../components/panel.tsx';
import { Post } from '../../components/post.tsx';
import { Notice } from '../../components/states.tsx';
import { Badge } from '../../components/status-badge.tsx';
import { TextForm } from '../../components/text-dialog.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';
import { questionState } from './question-state.tsx';

/** One question with its thread, for whoever asked and for the publisher. */
export function QuestionPage() {
  const { questionId = '' } = useParams();
  const query = useQuery(feedbackQueries.question(questionId));
  return (
    <PageQuery query={query} title="Question">
      {(question) => <Thread key={question.messages.length} question={question} />}
    </PageQuery>
  );
}

function Thread({ question: q }: { question: Question }) {
  const { may } = useSession();
  const publisher = q.side === 'publisher';
  const path = { params: { path: { questionId: q.id } } };
  const after = { onSuccess: () => void refreshFeedback(), onError: toast.failed };
  const close = useMutation({
    mutationFn: () => take(api.POST('/api/questions/{questionId}/close', path)),
    ...after,
  });
  const publish = useMutation({
    mutationFn: (shown: boolean) =>
      take(api.PUT('/api/questions/{questionId}/public', { ...path, body: { public: shown } })),
    ...after,
  });
  const answered = q.messages.some((m) => m.from === 'publisher');
  const speaks = may('feedback:converse') && q.state !== 'closed' && !q.hidden;
  return (
    <Page
      title={q.title}
      beside={questionState(q, publisher)}
      trail={
        publisher
          ? [{ label: 'Questions', to: '/publish/questions' }]
          : [{ label: 'My questions', to: '/questions' }]
      }
      lead={
        <>
          About <Link to={`/products/${q.publisher}/${q.product}`}>{q.productTitle}</Link>, asked by {q.asker}
        </>
      }
      actions={
        <>
          {publisher && q.mayPublish && answered && !q.hidden && may('feedback:answer') ? (
            <Button variant="default" loading={publish.isPending} onClick={() => publish.mutate(!q.public)}>
              {q.public ? 'Take off the product page' : 'Show on the product page'}
            </Button>
          ) : null}
          {speaks ? (
            <Button variant="default" loading={close.isPending} onClick={() => close.mutate()}>
              Close
            </Button>
          ) : null}
        </>
      }
    >
      {q.hidden ? (
        <Notice tone="warn" title="The operator has hidden this question">
          {q.hidden.reason}
        </Notice>
      ) : null}
      <Panel
        title="Thread"
        note={
          q.mayPublish
            ? 'Whoever asked agrees that everybody may read it, without a name.'
            : 'Only its two sides read it.'
        }
      >
        {q.messages.map((m) => (
          <Post
            key={`${m.at}${m.text.length}`}
            title={m.from === 'publisher' ? <Badge tone="info">Publisher</Badge> : null}
            by={m.name}
            at={m.at}
            text={m.text}
          />
        ))}
      </Panel>
      {speaks ? <Speak question={q} /> : null}
    </Page>
  );
}

function Speak({ question: q }: { question: Question }) {
  const publisher = q.side === 'publisher';
  const [begun, setBegun] = useState(publisher && q.state === 'open');
  const send = useMutation({
    mutationFn: (text: string) =>
      take(
        api.POST('/api/questions/{questionId}/messages', {
          params: { path: { questionId: q.id } },
          body: { text },
        }),
      ),
    onSuccess: () => void refreshFeedback(),
  });
  if (!begun)
    return (
      <div className="row">
        <Button onClick={() => setBegun(true)}>{publisher ? 'Answer' : 'Ask on'}</Button>
      </div>
    );
  return (
    <Panel title={publisher ? 'Answer' : 'Ask on'}>
      <TextForm
        onClose={() => setBegun(false)}
        label={publisher ? 'Your answer' : 'Your message'}
        action="Send"
        charsMax={feedbackLimits.textChars}
        busy={send.isPending}
        error={send.error}
        onSend={(text) => send.mutate(text)}
      />
    </Panel>
  );
}
