import { Button, Modal, Textarea, TextInput } from '@mantine/core';
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
import { ErrorNotice, Notice, QueryView } from '../../../components/states.tsx';
import { RelativeTime, useNow } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.ts';
import { formatAbsolute, plural } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';

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
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Unpublish ${product.title || product.slug}?`}
        size="md"
      >
        {asking ? <UnpublishForm product={product} onDone={() => setAsking(false)} /> : null}
      </Modal>
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

function UnpublishForm({ product, onDone }: { product: Product; onDone: () => void }) {
  const { session } = useSession();
  const [email, setEmail] = useState(session.person?.email ?? '');
  const [reason, setReason] = useState('');
  const [replacement, setReplacement] = useState('');
  const unpublish = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/products/{productId}/removal', {
          params: { path: { productId: product.id } },
          body: { email, reason, ...(replacement.trim() ? { replacement: replacement.trim() } : {}) },
        }),
      ),
    onSuccess: (removal) => {
      onDone();
      toast.done(`Unpublished; subscribers are served until ${formatAbsolute(removal.endsAt ?? '')}.`);
      void queryClient.invalidateQueries({ queryKey: productQueries.all() });
    },
  });
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        unpublish.mutate();
      }}
    >
      <p className="muted">
        It is hidden and closed to new subscribers at once, and a submission under way is cancelled. Those who
        have it get a mail, keep it for the time that the operator sets, and lose it then. You can think
        better of it for 24 hours.
      </p>
      <TextInput
        label="E-mail"
        description="Where the operator may ask about it"
        type="email"
        required
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <Textarea
        label="Reason"
        description="For the operator; subscribers do not read it"
        required
        rows={3}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <TextInput
        label="Replacement"
        description="Optional: a product that everybody can have, as publisher/product"
        placeholder="publisher/product"
        value={replacement}
        onChange={(event) => setReplacement(event.currentTarget.value)}
      />
      <ErrorNotice error={unpublish.error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onDone}>
          Keep it
        </Button>
        <Button type="submit" color="red" loading={unpublish.isPending} disabled={!reason.trim() || !email}>
          Unpublish listing
        </Button>
      </div>
    </form>
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
