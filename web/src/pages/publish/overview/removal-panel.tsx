import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { removalQuery } from '../../../api/queries/leaving.ts';
import { productQueries } from '../../../api/queries/publish.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Product, Removal } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { download } from '../../../components/csv.ts';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { Notice, QueryView } from '../../../components/states.tsx';
import { RelativeTime, useNow } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.ts';
import { formatAbsolute, plural } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { UnpublishDialog } from '../unpublish-dialog.tsx';

/** Where a product stands that leaves; where it does not, the way to unpublish it and to take along what is its publisher's. */
export function RemovalPanel({ product }: { product: Product }) {
  const query = useQuery(removalQuery(product.id));
  const { may } = useSession();
  const [asking, setAsking] = useState(false);
  const open = query.data?.removal ?? null;
  if (product.liveRevision === null && open === null && query.data) return null;
  return (
    <Panel
      id="removal"
      title="Removal"
      note={
        open
          ? undefined
          : 'An unpublished product is hidden at once; those who have it are served for a while and told.'
      }
    >
      <QueryView query={query}>
        {({ removal }) => (
          <div className="stack" style={{ '--gap': '16px' }}>
            {removal ? <Standing removal={removal} /> : null}
            <div className="row">
              {removal === null && may('product:remove') ? (
                <Button variant="default" color="red" onClick={() => setAsking(true)}>
                  Unpublish listing
                </Button>
              ) : null}
              {removal?.state === 'leaving' ? <Keep product={product} removal={removal} /> : null}
              {may('product:usage') ? <ExportButton product={product} /> : null}
            </div>
          </div>
        )}
      </QueryView>
      <UnpublishDialog product={product} opened={asking} onClose={() => setAsking(false)} />
    </Panel>
  );
}

function Standing({ removal }: { removal: Removal }) {
  const replacement = removal.replacement;
  return (
    <>
      {removal.state === 'down' ? (
        <Notice tone="bad" title="The operator took this product down">
          {removal.reason} Calls are suspended until it is restored. You can go on editing, and submit a
          revision that mends it.
        </Notice>
      ) : (
        <Notice
          tone="warn"
          title={
            removal.state === 'leaving'
              ? `No longer sold; subscribers are served until ${formatAbsolute(removal.endsAt ?? '')}`
              : 'Removed: nothing of it is sold or runs any more'
          }
        >
          {removal.state === 'leaving'
            ? `${plural(removal.subscribers, 'subscription')} left. Each gets mails before the end, and ends then.`
            : 'To sell it again, submit it again.'}
        </Notice>
      )}
      <Facts>
        <Fact name="Reason">{removal.reason}</Fact>
        <Fact name="Asked for">
          {removal.requestedBy}, <RelativeTime at={removal.requestedAt} />
        </Fact>
        <Fact name="In its place">
          {replacement ? (
            <Link to={`/products/${replacement.publisher}/${replacement.slug}`}>{replacement.title}</Link>
          ) : null}
        </Fact>
      </Facts>
    </>
  );
}

/** For a day; afterwards the button would only promise what is refused. */
function Keep({ product, removal }: { product: Product; removal: Removal }) {
  const { may } = useSession();
  const now = useNow(15_000);
  const [asking, setAsking] = useState(false);
  const keep = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/products/{productId}/removal/cancel', { params: { path: { productId: product.id } } }),
      ),
    onSuccess: () => {
      setAsking(false);
      toast.done(`${product.title || product.slug} stays.`);
      void queryClient.invalidateQueries({ queryKey: productQueries.all() });
    },
  });
  const until = removal.cancellableUntil;
  if (!until || Date.parse(until) <= now || !may('product:remove')) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>Keep the product</Button>
      <span className="muted">possible until {formatAbsolute(until)}</span>
      <ConfirmDanger
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Keep ${product.title || product.slug}?`}
        action="Keep the product"
        tone="accent"
        busy={keep.isPending}
        error={keep.error}
        onConfirm={() => keep.mutate()}
      >
        It is in the catalogue again at once, and its subscribers are told that it stays.
      </ConfirmDanger>
    </>
  );
}

function ExportButton({ product }: { product: Product }) {
  const get = useMutation({
    mutationFn: () =>
      take(api.GET('/api/products/{productId}/export', { params: { path: { productId: product.id } } })),
    onSuccess: (all) => download(`${product.slug}.json`, JSON.stringify(all, null, 2), 'application/json'),
    onError: toast.failed,
  });
  return (
    <Button variant="default" loading={get.isPending} onClick={() => get.mutate()}>
      Export everything
    </Button>
  );
}
