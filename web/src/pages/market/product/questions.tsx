import { Button, Checkbox, Modal } from '@mantine/core';
import { feedbackLimits } from '@souk/contract/community-limits';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { feedbackQueries, refreshFeedback } from '../../../api/queries/feedback.ts';
import type { CatalogProduct } from '../../../api/types.ts';
import { TextField } from '../../../components/form-field.tsx';
import { Panel } from '../../../components/panel.tsx';
import { Post } from '../../../components/post.tsx';
import { EmptyState, ErrorNotice, QueryView } from '../../../components/states.tsx';
import { useSession } from '../../../session/session.ts';
import { ReportDialog } from './reviews.tsx';

/** What others asked and the publisher answered for everybody; and one's own question to it. */
export function Questions({ product }: { product: CatalogProduct }) {
  const { publisher, slug, publisherName } = product.item;
  const { may } = useSession();
  const [asking, setAsking] = useState(false);
  const [reported, setReported] = useState<string | null>(null);
  const query = useInfiniteQuery(feedbackQueries.publicQuestions({ publisher, product: slug }));
  const mayAsk = may('feedback:write') && !product.ownedByMe && product.slot === 'live';
  return (
    <Panel
      id="questions"
      title="Questions"
      note="Asked by buyers, answered by the publisher"
      actions={
        mayAsk ? (
          <Button size="compact-md" variant="default" onClick={() => setAsking(true)}>
            Ask {publisherName}
          </Button>
        ) : null
      }
    >
      <QueryView query={query}>
        {({ pages }) => {
          const items = pages.flatMap((p) => p.items);
          if (items.length === 0)
            return (
              <EmptyState title="No public questions">
                Your question goes to the publisher alone; it stands here only if you and the publisher agree.
              </EmptyState>
            );
          return (
            <div>
              {items.map((q) => {
                const [first, ...answers] = q.messages;
                return (
                  <Post
                    key={q.id}
                    title={<strong className="break">{q.title}</strong>}
                    by={q.asker}
                    at={q.createdAt}
                    text={first?.text ?? ''}
                    actions={
                      may('feedback:report') ? (
                        <Button
                          size="compact-xs"
                          variant="subtle"
                          color="gray"
                          aria-label={`Report the question “${q.title}”`}
                          onClick={() => setReported(q.id)}
                        >
                          Report
                        </Button>
                      ) : null
                    }
                  >
                    {answers.map((m) => (
                      <Post key={m.at} by={m.name} at={m.at} text={m.text} />
                    ))}
                  </Post>
                );
              })}
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
      {asking ? <AskDialog product={product} onClose={() => setAsking(false)} /> : null}
      <ReportDialog itemId={reported} onClose={() => setReported(null)} />
    </Panel>
  );
}

function AskDialog({ product, onClose }: { product: CatalogProduct; onClose: () => void }) {
  const navigate = useNavigate();
  const { publisher, slug, publisherName } = product.item;
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const [mayPublish, setMayPublish] = useState(false);
  const ask = useMutation({
    mutationFn: () =>
      take(api.POST('/api/questions', { body: { publisher, product: slug, title, text, mayPublish } })),
    onSuccess: async (question) => {
      void refreshFeedback();
      await navigate(`/questions/${question.id}`);
    },
  });
  const ready = title.trim() !== '' && text.trim() !== '';
  return (
    <Modal opened onClose={onClose} title={`Ask ${publisherName}`} size="lg">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) ask.mutate();
        }}
      >
        <TextField
          label="In a line"
          value={title}
          onChange={setTitle}
          charsMax={feedbackLimits.titleChars}
          required
        />
        <TextField
          label="Your question"
          description="The publisher sees your name and your account’s."
          value={text}
          onChange={setText}
          rows={6}
          charsMax={feedbackLimits.textChars}
          required
        />
        <Checkbox
          checked={mayPublish}
          onChange={(event) => setMayPublish(event.currentTarget.checked)}
          label="The publisher may show it with the answer to everybody, without my name"
        />
        <ErrorNotice error={ask.error} />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>
            Not yet
          </Button>
          <Button type="submit" disabled={!ready} loading={ask.isPending}>
            Send
          </Button>
        </div>
      </form>
    </Modal>
  );
}
