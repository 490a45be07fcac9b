import { Button } from '@mantine/core';
import { feedbackLimits } from '@souk/contract/community-limits';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { feedbackQueries, refreshFeedback } from '../../api/queries/feedback.ts';
import { productQueries } from '../../api/queries/publish.ts';
import type { Product, ProductReview } from '../../api/types.ts';
import { PageQuery } from '../../components/page-query.tsx';
import { Panel } from '../../components/panel.tsx';
import { Post } from '../../components/post.tsx';
import { Stars } from '../../components/stars.tsx';
import { EmptyState, Notice, QueryView } from '../../components/states.tsx';
import { TextDialog } from '../../components/text-dialog.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';
import { ReportDialog } from '../market/product/reviews.tsx';
import { ProductFrame } from './product-frame.tsx';

/** What buyers say of one's product, with the publisher's reply to each. */
export function ProductReviewsPage() {
  const { productId = '' } = useParams();
  const product = useQuery(productQueries.product(productId));
  return (
    <PageQuery query={product} title="Reviews">
      {(found) => <Found product={found} />}
    </PageQuery>
  );
}

function Found({ product }: { product: Product }) {
  const { may } = useSession();
  const query = useInfiniteQuery(feedbackQueries.ofOwnProduct(product.id));
  const [replied, setReplied] = useState<ProductReview | null>(null);
  const [reported, setReported] = useState<string | null>(null);
  return (
    <ProductFrame product={product} page="Reviews">
      <Panel
        title="Reviews"
        note="One from each account that uses it. You can reply once to each, and edit the reply."
      >
        <QueryView query={query}>
          {({ pages }) => {
            const items = pages.flatMap((p) => p.items);
            if (items.length === 0)
              return (
                <EmptyState title="No reviews">They come from accounts whose calls it answered.</EmptyState>
              );
            return (
              <div>
                {items.map((r) => (
                  <Post
                    key={r.id}
                    title={
                      <>
                        <Stars rating={r.rating} />
                        <strong className="break">{r.title}</strong>
                      </>
                    }
                    by={`${r.author}, version ${r.version}`}
                    at={r.createdAt}
                    edited={r.editedAt}
                    text={r.text}
                    actions={
                      r.hidden ? (
                        <Notice tone="warn" title="Hidden by the operator">
                          {r.hidden.reason}
                        </Notice>
                      ) : (
                        <>
                          {may('feedback:answer') ? (
                            <Button
                              size="compact-sm"
                              variant="default"
                              aria-label={`${r.reply ? 'Edit reply to' : 'Reply to'} “${r.title}”`}
                              onClick={() => setReplied(r)}
                            >
                              {r.reply ? 'Edit reply' : 'Reply'}
                            </Button>
                          ) : null}
                          <Button
                            size="compact-sm"
                            variant="subtle"
                            color="gray"
                            aria-label={`Report “${r.title}”`}
                            onClick={() => setReported(r.id)}
                          >
                            Report
                          </Button>
                        </>
                      )
                    }
                  >
                    {r.reply ? (
                      <Post by={r.reply.by} at={r.reply.at} edited={r.reply.editedAt} text={r.reply.text} />
                    ) : null}
                  </Post>
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
      <ReplyDialog key={replied?.id ?? 'none'} review={replied} onClose={() => setReplied(null)} />
      <ReportDialog itemId={reported} onClose={() => setReported(null)} />
    </ProductFrame>
  );
}

function ReplyDialog({ review, onClose }: { review: ProductReview | null; onClose: () => void }) {
  const reply = useMutation({
    mutationFn: (text: string) =>
      take(
        api.PUT('/api/reviews/{reviewId}/reply', {
          params: { path: { reviewId: review?.id ?? '' } },
          body: { text },
        }),
      ),
    onSuccess: () => {
      onClose();
      toast.done('The reply stands under the review.');
      void refreshFeedback();
    },
  });
  return (
    <TextDialog
      opened={review !== null}
      onClose={onClose}
      title={`Reply to “${review?.title ?? ''}”`}
      label="Your reply"
      action="Publish reply"
      charsMax={feedbackLimits.textChars}
      initial={review?.reply?.text ?? ''}
      busy={reply.isPending}
      error={reply.error}
      onSend={(text) => reply.mutate(text)}
    />
  );
}
