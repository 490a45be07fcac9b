import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useParams } from 'react-router';
import { subscriptionQueries } from '../../api/queries/subscriptions.ts';
import type { Subscription } from '../../api/types.ts';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Notice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { StandingNotice, SunsetNotice } from '../../components/version-standing.tsx';
import { useSession } from '../../session/session.ts';
import { endsFirst } from './ends-first.ts';
import { LeavingNotice } from './leaving-notice.tsx';
import styles from './product/product.module.css';
import { InvoicePanel } from './subscription/invoice-panel.tsx';
import { KeyPanel } from './subscription/key-panel.tsx';
import { ManagePanel } from './subscription/manage-panel.tsx';
import { PlanPanel } from './subscription/plan-panel.tsx';
import { ExportSubscription, PricePanel } from './subscription/price-panel.tsx';
import { SnippetsPanel } from './subscription/snippets-panel.tsx';
import { UsagePanel } from './subscription/usage-panel.tsx';

const trail = [{ label: 'Subscriptions', to: '/subscriptions' }];

export function SubscriptionPage() {
  const { subscriptionId = '' } = useParams();
  const query = useQuery(subscriptionQueries.subscription(subscriptionId));
  return (
    <PageQuery query={query} title="Subscription">
      {(subscription) => <Found subscription={subscription} />}
    </PageQuery>
  );
}

function Found({ subscription }: { subscription: Subscription }) {
  const { may } = useSession();
  const { state } = useLocation();
  const [key, setKey] = useState<string | null>(null);
  const welcome = (state as { welcome?: boolean } | null)?.welcome === true;
  const usable = subscription.state === 'active';
  const first = endsFirst(subscription.productSunset, subscription.leaving);
  // The suspension carries the reason, so the take-down is told there.
  const takenDown = subscription.suspended?.code === 'product.taken_down';
  return (
    <Page
      title={subscription.title}
      trail={trail}
      beside={<StatusBadge state={subscription.limited && usable ? 'limited' : subscription.state} />}
      lead={`Version ${subscription.version}, ${subscription.plan.name ?? subscription.plan.id}`}
      actions={
        usable && may('transform:manage') ? (
          <Button component={Link} to={`/transforms/new?subscription=${subscription.id}`} variant="default">
            Run a batch
          </Button>
        ) : null
      }
    >
      {welcome && usable ? (
        <Notice tone="good" title={`You are subscribed to ${subscription.title}`}>
          Create a key, paste a snippet, and the first call is on the chart within seconds.
        </Notice>
      ) : null}
      {subscription.state === 'suspended' ? (
        <Notice
          tone={takenDown ? 'bad' : 'warn'}
          title={takenDown ? 'The operator took this product down' : 'This subscription is suspended'}
        >
          {subscription.suspended?.reason ?? 'No reason was given.'}{' '}
          {takenDown
            ? 'Calls to it are suspended until it is restored.'
            : 'Calls are refused until this is settled.'}
        </Notice>
      ) : null}
      {subscription.ended ? (
        <Notice tone="bad" title="This subscription was ended by the marketplace">
          {subscription.ended.reason} What was used until then stays on the invoice.
        </Notice>
      ) : null}
      {subscription.state === 'ended' ? null : (
        <>
          <StandingNotice number={subscription.version} standing={subscription.standing} />
          {subscription.productSunset && first !== 'leaving' ? (
            <SunsetNotice what={subscription.title} sunset={subscription.productSunset} />
          ) : null}
        </>
      )}
      {subscription.leaving && subscription.state !== 'ended' && first !== 'sunset' && !takenDown ? (
        <LeavingNotice leaving={subscription.leaving} subscribed />
      ) : null}
      <div className={styles.columns}>
        <div className={styles.main}>
          {usable ? (
            <>
              <KeyPanel product={subscription.product} keyText={key} onKey={setKey} />
              <SnippetsPanel subscriptionId={subscription.id} />
            </>
          ) : null}
          {may('usage:read') ? <UsagePanel subscriptionId={subscription.id} /> : null}
        </div>
        <aside className={styles.aside} aria-label="Terms and cost">
          <PlanPanel subscription={subscription} />
          <ManagePanel subscription={subscription} />
          <PricePanel subscription={subscription} />
          {may('invoice:read') ? <InvoicePanel subscriptionId={subscription.id} /> : null}
          {may('usage:read') ? <ExportSubscription subscription={subscription} /> : null}
        </aside>
      </div>
    </Page>
  );
}
