import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { subscriptionPricesQuery } from '../../../api/queries/leaving.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Subscription } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { CopyableId } from '../../../components/copy.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { planPrice } from '../../../components/pricing-calculator.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.ts';
import { formatCount } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { VersionChoice } from './version-panel.tsx';

const refresh = () => queryClient.invalidateQueries({ queryKey: subscriptionQueries.all() });

export function ManagePanel({ subscription }: { subscription: Subscription }) {
  const { may } = useSession();
  const editable = subscription.state !== 'ended' && may('subscription:manage');
  const { plan } = subscription;
  // The plan is what was accepted; since then the price may have changed, with notice.
  const { data: prices } = useQuery(subscriptionPricesQuery(subscription.id));
  const now = prices ? { ...plan, parts: prices.now, currency: prices.currency } : plan;
  const included = (now.parts ?? []).reduce((sum, part) => sum + (part.includedQuantity ?? 0), 0);
  return (
    <Panel title="Subscription">
      <div className="stack" style={{ '--gap': '16px' }}>
        <Facts>
          <Fact name="Product">
            <Link
              to={`/products/${subscription.publisher}/${subscription.product}${subscription.limited ? '?slot=preview' : ''}`}
            >
              {subscription.title}
            </Link>
          </Fact>
          <Fact name="Plan">{plan.name ?? plan.id}</Fact>
          <Fact name="Price">{planPrice(now) === 'Free' ? 'Free' : `${planPrice(now)} per call`}</Fact>
          <Fact name="Included">{included > 0 ? `${formatCount(included)} calls a month` : null}</Fact>
          <Fact name="Accepted">
            {subscription.acceptedBy}, <RelativeTime at={subscription.acceptedAt} />
          </Fact>
          <Fact name="Licence">
            <CopyableId id={subscription.eulaSha256} what="digest of the accepted licence" short />
          </Fact>
          <Fact name="Revision">{subscription.revision}</Fact>
          <Fact name="Ended">{subscription.endedAt ? <RelativeTime at={subscription.endedAt} /> : null}</Fact>
          <Fact name="Id">
            <CopyableId id={subscription.id} what="subscription id" short />
          </Fact>
        </Facts>
        {editable ? (
          <>
            <VersionChoice subscription={subscription} />
            <Cancel subscription={subscription} />
          </>
        ) : null}
      </div>
    </Panel>
  );
}

function Cancel({ subscription }: { subscription: Subscription }) {
  const [asking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/subscriptions/{subscriptionId}/cancel', {
          params: { path: { subscriptionId: subscription.id } },
        }),
      ),
    onSuccess: () => {
      setAsking(false);
      void refresh();
      toast.done(`The subscription to ${subscription.title} has ended.`);
    },
  });
  return (
    <div>
      <Button variant="subtle" color="red" size="compact-sm" onClick={() => setAsking(true)}>
        Cancel subscription
      </Button>
      <ConfirmDanger
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Cancel the subscription to ${subscription.title}?`}
        action="Cancel subscription"
        busy={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
      >
        <p>
          Calls to {subscription.publisher}/{subscription.product} from this account stop within a second.
          What was used until then stays on this month’s invoice. You can subscribe again while the product is
          listed.
        </p>
      </ConfirmDanger>
    </div>
  );
}
