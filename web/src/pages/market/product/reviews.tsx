import { Button, Select } from '@mantine/core';
import { feedbackLimits } from '@souk/contract/community-limits';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { feedbackQueries, refreshFeedback } from '../../../api/queries/feedback.ts';
import type { CatalogProduct, ProductReview, RatingSummary } from '../../../api/types.ts';
import { Panel } from '../../../components/panel.tsx';
import styles from '../../../components/post.module.css';
import { Post } from '../../../components/post.tsx';
import { Stars } from '../../../components/stars.tsx';
import { EmptyState, Notice, QueryView } from '../../../components/states.tsx';
import { TextDialog } from '../../../components/text-dialog.tsx';
import { toast } from '../../../components/toast.ts';
import { plural } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { ReviewDialog } from './review-dialog.tsx';

type Sort = 'newest' | 'highest' | 'lowest';
const sorts: { value: Sort; label: string }[] = [
  { value: 'newest', label: 'Newest' },
  { value: 'highest', label: 'Best first' },
  { value: 'lowest', label: 'Worst first' },
];

/** What those who called it say: summary, reviews, and one's own. */
export function Reviews({ product }: { product: CatalogProduct }) {
  const { publisher, slug } = product.item;
  const address = { publisher, product: slug };
  const { may } = useSession();
  const writer = may('feedback:write') && !product.ownedByMe;
  const [sort, setSort] = useState<Sort>('newest');
  const [writing, setWriting] = useState(false);
  const [reported, setReported] = useState<string | null>(null);
  const query = useInfiniteQuery(feedbackQueries.reviews(address, { sort }));
  const mine = useQuery({ ...feedbackQueries.mine(address), enabled: writer });
  const own = mine.data?.review ?? null;
  return (
    <Panel
      id="reviews"
      title="Reviews"
      note="Written by accounts whose calls it answered"
      actions={
        mine.data?.mayReview ? (
          <Button size="compact-md" variant="default" onClick={() => setWriting(true)}>
            {own ? 'Edit my review' : 'Write a review'}
          </Button>
        ) : null
      }
    >
      {own?.hidden ? (
        <Notice tone="warn" title="The operator has hidden your review">
          {own.hidden.reason}
        </Notice>
      ) : null}
      {writer && mine.data?.why && !own ? <p className="small muted">{mine.data.why}</p> : null}
      <QueryView query={query}>
        {({ pages }) => {
          const summary = pages[0]?.summary;
          const items = pages.flatMap((p) => p.items);
          if (!summary || summary.count === 0)
            return <EmptyState title="No reviews">Whoever has used it can write the first one.</EmptyState>;
          return (
            <div className="stack" style={{ '--gap': '16px' }}>
              <Summary summary={summary} />
              {summary.count > 1 ? (
                <Select
                  aria-label="Order of the reviews"
                  data={sorts}
                  value={sort}
                  allowDeselect={false}
                  w={150}
                  onChange={(value) => setSort((value ?? 'newest') as Sort)}
                />
              ) : null}
              <div>
                {items.map((review) => (
                  <ReviewPost
                    key={review.id}
                    review={review}
                    publisherName={product.item.publisherName}
                    onReport={
                      may('feedback:report') && !review.mine ? () => setReported(review.id) : undefined
                    }
                  />
                ))}
              </div>
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
      {writing && mine.data ? (
        <ReviewDialog product={product} mine={mine.data} onClose={() => setWriting(false)} />
      ) : null}
      <ReportDialog itemId={reported} onClose={() => setReported(null)} />
    </Panel>
  );
}

function Summary({ summary }: { summary: RatingSummary }) {
  const { average, count, distribution } = summary;
  return (
    <div className="stack" style={{ '--gap': '8px' }}>
      <p>
        <strong>{average} of 5</strong>{' '}
        <span className="muted">from {plural(count, 'review')}, plain mean</span>
      </p>
      <div className={styles.bars}>
        {[5, 4, 3, 2, 1].map((stars) => {
          const n = distribution[stars - 1] ?? 0;
          return (
            <div key={stars} style={{ display: 'contents' }}>
              <span className="small">{stars} ★</span>
              <span className={styles.bar}>
                <span style={{ width: `${count ? (n / count) * 100 : 0}%` }} />
              </span>
              <span className="small muted">{n}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface ReviewProps {
  readonly review: ProductReview;
  readonly publisherName: string;
  readonly onReport?: (() => void) | undefined;
}

function ReviewPost({ review, publisherName, onReport }: ReviewProps) {
  return (
    <Post
      title={
        <>
          <Stars rating={review.rating} />
          <strong className="break">{review.title}</strong>
        </>
      }
      by={`${review.mine ? 'You, as ' : ''}${review.author}, version ${review.version}`}
      at={review.createdAt}
      edited={review.editedAt}
      text={review.text}
      actions={
        onReport ? (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            aria-label={`Report the review “${review.title}”`}
            onClick={onReport}
          >
            Report
          </Button>
        ) : null
      }
    >
      {review.reply ? (
        <Post
          by={`Reply of ${publisherName}`}
          at={review.reply.at}
          edited={review.reply.editedAt}
          text={review.reply.text}
        />
      ) : null}
    </Post>
  );
}

/** Anybody who is signed in may say that something should not stand there. */
export function ReportDialog({ itemId, onClose }: { itemId: string | null; onClose: () => void }) {
  const report = useMutation({
    mutationFn: (reason: string) =>
      take(api.POST('/api/feedback-reports', { body: { itemId: itemId ?? '', reason } })),
    onSuccess: () => {
      onClose();
      toast.done('The operator has been told.');
      void refreshFeedback();
    },
  });
  return (
    <TextDialog
      opened={itemId !== null}
      onClose={onClose}
      title="Report to the operator"
      label="What is wrong with it"
      action="Report"
      charsMax={feedbackLimits.reasonChars}
      busy={report.isPending}
      error={report.error}
      onSend={(reason) => report.mutate(reason)}
    />
  );
}
