import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { subscriptionPricesQuery } from '../../../api/queries/leaving.ts';
import type { Subscription } from '../../../api/types.ts';
import { CopyableId } from '../../../components/copy.tsx';
import { HourPrices } from '../../../components/hour-prices.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { hourParts, includedText } from '../../../components/pricing.ts';
import { RelativeTime } from '../../../components/time.tsx';
import { useSession } from '../../../session/session.ts';
import { CancelSubscription } from './cancel-subscription.tsx';
import { VersionChoice } from './version-panel.tsx';

export function ManagePanel({ subscription }: { subscription: Subscription }) {
  const { may } = useSession();
  const editable = subscription.state !== 'ended' && may('subscription:manage');
  const { plan } = subscription;
  // The plan is what was accepted; since then the price may have changed, with notice.
  const { data: prices } = useQuery(subscriptionPricesQuery(subscription.id));
  const now = prices ? { ...plan, parts: prices.now, currency: prices.currency } : plan;
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
          <Fact name="Included">{includedText(now)}</Fact>
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
        {hourParts(now).length > 0 ? <HourPrices plan={now} /> : null}
        {editable ? (
          <>
            <VersionChoice subscription={subscription} />
            <CancelSubscription subscription={subscription} />
          </>
        ) : null}
      </div>
    </Panel>
  );
}
