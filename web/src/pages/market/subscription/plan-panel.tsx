import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Subscription, SubscriptionPlan } from '../../../api/types.ts';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { atOnceText, planPrice, quotaText } from '../../../components/pricing.ts';
import { LoadingLines, Notice, QueryView } from '../../../components/states.tsx';
import { toast } from '../../../components/toast.ts';
import { formatAbsolute, formatDate, plural } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { ChangePlanDialog } from './change-plan-dialog.tsx';

/** The month that runs, a trial and its end, what comes, and another plan. Mails about quotas and trials point here. */
export function PlanPanel({ subscription }: { subscription: Subscription }) {
  const query = useQuery(subscriptionQueries.plan(subscription.id));
  return (
    <Panel title="Plan" id="plan">
      <QueryView query={query} loading={<LoadingLines lines={3} />}>
        {(plan) => <Found subscription={subscription} of={plan} />}
      </QueryView>
    </Panel>
  );
}

function Found({ subscription, of }: { subscription: Subscription; of: SubscriptionPlan }) {
  const { may } = useSession();
  const [changing, setChanging] = useState(false);
  const ended = subscription.state === 'ended';
  const editable = !ended && may('subscription:manage');
  return (
    <div className="stack" style={{ '--gap': '16px' }}>
      {of.trial ? (
        <Notice tone="warn" title={`Free until ${formatDate(of.trial.until)}`}>
          {of.trial.days > 0 ? `${plural(of.trial.days, 'day')} left. ` : 'Less than a day left. '}
          Then it costs {planPrice(of.plan)}, unless it is cancelled before. Nothing goes on beyond the quota
          until then.
        </Notice>
      ) : null}
      <Facts>
        <Fact name="Plan">{of.plan.name ?? of.plan.id}</Fact>
        <Fact name="Price">{planPrice(of.plan)}</Fact>
        <Fact name="A month has">{quotaText(of.plan)}</Fact>
        <Fact name="At once">{atOnceText(of.plan)}</Fact>
        {ended ? null : (
          <Fact name="This month">
            {formatAbsolute(of.cycle.from)} to {formatAbsolute(of.cycle.to)}
          </Fact>
        )}
      </Facts>
      {of.next ? <Coming subscriptionId={subscription.id} next={of.next} editable={editable} /> : null}
      {editable ? (
        <div>
          <Button variant="default" size="compact-sm" onClick={() => setChanging(true)}>
            Change plan
          </Button>
          <ChangePlanDialog
            subscription={subscription}
            of={of}
            opened={changing}
            onClose={() => setChanging(false)}
          />
        </div>
      ) : null}
    </div>
  );
}

interface ComingProps {
  readonly subscriptionId: string;
  readonly next: NonNullable<SubscriptionPlan['next']>;
  readonly editable: boolean;
}

function Coming({ subscriptionId, next, editable }: ComingProps) {
  const keep = useMutation({
    mutationFn: () =>
      take(
        api.DELETE('/api/subscriptions/{subscriptionId}/plan/next', { params: { path: { subscriptionId } } }),
      ),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: subscriptionQueries.all() });
      toast.done('The plan stays.');
    },
    onError: toast.failed,
  });
  return (
    <Notice tone="info" title={`The plan ${next.plan.name ?? next.plan.id} from ${formatDate(next.at)}`}>
      <div className="stack" style={{ '--gap': '8px' }}>
        <p>
          {[planPrice(next.plan), quotaText(next.plan), atOnceText(next.plan)].filter(Boolean).join('. ')}.
          Chosen by {next.by}; until then everything stays.
        </p>
        {editable ? (
          <div>
            <Button
              size="compact-sm"
              variant="default"
              loading={keep.isPending}
              onClick={() => keep.mutate()}
            >
              Keep the plan
            </Button>
          </div>
        ) : null}
      </div>
    </Notice>
  );
}
