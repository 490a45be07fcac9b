import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, take } from '../../../api/client.ts';
import { subscriptionPricesQuery } from '../../../api/queries/leaving.ts';
import type { Subscription } from '../../../api/types.ts';
import { download } from '../../../components/csv.ts';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { partsPrice } from '../../../components/parts-price.ts';
import { Notice } from '../../../components/states.tsx';
import { toast } from '../../../components/toast.ts';
import { formatDate } from '../../../format/format.ts';

/** What it costs now, where that is no longer what was accepted, and what is announced; nothing where the price stands. */
export function PricePanel({ subscription }: { subscription: Subscription }) {
  const { data } = useQuery(subscriptionPricesQuery(subscription.id));
  if (!data || data.steps.length === 0) return null;
  const price = (parts: typeof data.now) => partsPrice(parts, data.currency);
  const coming = data.steps.filter((s) => s.when === 'coming');
  return (
    <Panel title="Price">
      <div className="stack" style={{ '--gap': '12px' }}>
        {coming.map((s) => (
          <Notice
            key={s.from}
            tone={s.kind === 'increase' ? 'warn' : 'info'}
            title={`From ${formatDate(s.from)}`}
          >
            {price(s.parts)}. Announced on {formatDate(s.announcedAt)}. What is used before stays at its
            price.
          </Notice>
        ))}
        <Facts>
          <Fact name="Now">{price(data.now)}</Fact>
          <Fact name="Accepted">{price(data.accepted)}</Fact>
          {data.steps
            .filter((s) => s.when !== 'coming')
            .map((s) => (
              <Fact key={s.from} name={`Since ${formatDate(s.from)}`}>
                {price(s.parts)}
              </Fact>
            ))}
        </Facts>
      </div>
    </Panel>
  );
}

/** Accepted terms, usage by hour and what was billed, in one file; also when the subscription is over. */
export function ExportSubscription({ subscription }: { subscription: Subscription }) {
  const get = useMutation({
    mutationFn: () =>
      take(
        api.GET('/api/subscriptions/{subscriptionId}/export', {
          params: { path: { subscriptionId: subscription.id } },
        }),
      ),
    onSuccess: (all) =>
      download(
        `${subscription.product}-${subscription.id}.json`,
        JSON.stringify(all, null, 2),
        'application/json',
      ),
    onError: toast.failed,
  });
  return (
    <div>
      <Button variant="default" size="compact-sm" loading={get.isPending} onClick={() => get.mutate()}>
        Export terms, usage and costs
      </Button>
    </div>
  );
}
