import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { priceChangesQuery } from '../../../api/queries/leaving.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { PriceChanges, Product } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { Panel } from '../../../components/panel.tsx';
import { partsPrice } from '../../../components/parts-price.ts';
import { Notice } from '../../../components/states.tsx';
import { toast } from '../../../components/toast.ts';
import { formatDate, plural } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';

/** What is announced to subscribers and still to come, and what the draft would change; nothing at all where there is neither. */
export function PricesPanel({ product }: { product: Product }) {
  const { data } = useQuery(priceChangesQuery(product.id));
  if (!data || (data.announced.length === 0 && changed(data).length === 0)) return null;
  return (
    <Panel title="Prices">
      <div className="stack" style={{ '--gap': '16px' }}>
        <PriceChangeList changes={data} />
        {data.announced.map((a) => (
          <Announced
            key={`${a.planId} ${a.from} ${a.revision} ${partsPrice(a.parts, a.currency)}`}
            product={product}
            announced={a}
          />
        ))}
      </div>
    </Panel>
  );
}

const changed = ({ plans }: PriceChanges) => plans.filter((p) => p.before !== null && p.kind !== 'same');

/** Before a submission: whom its prices concern, from when. */
export function PriceChangesNote({ productId }: { productId: string }) {
  const { data } = useQuery(priceChangesQuery(productId));
  return data && changed(data).length > 0 ? <PriceChangeList changes={data} /> : null;
}

function PriceChangeList({ changes }: { changes: PriceChanges }) {
  return changed(changes).map((p) => (
    <Notice key={p.planId} tone="info" title={`The draft changes the price of ${p.name}`}>
      <ul style={{ margin: 0, paddingLeft: 18 }}>
        <li>
          New subscribers pay {partsPrice(p.after, p.currency)} from the release on (now{' '}
          {partsPrice(p.before ?? [], p.currency)}).
        </li>
        {p.existing.map((group) => (
          <li key={JSON.stringify(group)}>
            {plural(group.subscribers, 'subscriber')} who now {group.subscribers === 1 ? 'pays' : 'pay'}{' '}
            {partsPrice(group.now, p.currency)}:{' '}
            {group.steps.length === 0
              ? 'no change'
              : group.steps
                  .map(
                    (s) =>
                      `${s.kind === 'decrease' && Date.parse(s.from) <= Date.now() ? 'at once' : `from ${formatDate(s.from)}`} ${partsPrice(s.parts, p.currency)}`,
                  )
                  .join(', ')}
            .
          </li>
        ))}
      </ul>
    </Notice>
  ));
}

function Announced({
  product,
  announced: a,
}: {
  product: Product;
  announced: PriceChanges['announced'][number];
}) {
  const { may } = useSession();
  const [asking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/products/{productId}/price-changes/cancel', {
          params: { path: { productId: product.id } },
          body: { planId: a.planId },
        }),
      ),
    onSuccess: (next) => {
      setAsking(false);
      queryClient.setQueryData(priceChangesQuery(product.id).queryKey, next);
      toast.done('The increase is taken back, and its subscribers are told.');
    },
  });
  return (
    <Notice
      tone="warn"
      title={`Announced for ${formatDate(a.from)}: ${partsPrice(a.parts, a.currency)}`}
      actions={
        may('product:release') ? (
          <Button variant="default" size="compact-sm" onClick={() => setAsking(true)}>
            Take it back
          </Button>
        ) : null
      }
    >
      To {plural(a.subscribers, 'subscriber')} of the plan {a.planId}, with revision {a.revision}, on{' '}
      {formatDate(a.announcedAt)}.
      <ConfirmDanger
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Take back the increase of ${a.planId}?`}
        action="Take it back"
        tone="accent"
        busy={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
      >
        Everything that is announced to subscribers of this plan does not come: they go on paying what they
        pay, and are told. New subscribers pay what the live revision says.
      </ConfirmDanger>
    </Notice>
  );
}
