import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { PlanChoice as Choice, Plan, Subscription, SubscriptionPlan } from '../../../api/types.ts';
import { PlanChoice } from '../../../components/plan-choice.tsx';
import { PromotionCodeField } from '../../../components/promotion-code.tsx';
import { EmptyState, ErrorNotice } from '../../../components/states.tsx';
import { toast } from '../../../components/toast.ts';
import { formatDate, formatMoney } from '../../../format/format.ts';

interface Props {
  readonly subscription: Subscription;
  readonly of: SubscriptionPlan;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function ChangePlanDialog({ subscription, of, opened, onClose }: Props) {
  const [planId, setPlanId] = useState<string | null>(null);
  const [code, setCode] = useState<string | null>(null);
  const [openedPlans, setOpenedPlans] = useState<Plan[]>([]);
  const more = openedPlans.filter((p) => p.id !== of.plan.id && !of.choices.some((c) => c.plan.id === p.id));
  const change = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/subscriptions/{subscriptionId}/plan', {
          params: { path: { subscriptionId: subscription.id } },
          body: { planId: planId ?? '', ...(code ? { code } : {}) },
        }),
      ),
    onSuccess: (now) => {
      void queryClient.invalidateQueries({ queryKey: subscriptionQueries.all() });
      onClose();
      toast.done(
        now.next
          ? `The plan changes on ${formatDate(now.next.at)}.`
          : `The plan is ${now.plan.name ?? now.plan.id} now.`,
      );
    },
  });
  const locked = of.choices.find((c) => c.plan.id === planId)?.plan.promotionCode && !code;
  return (
    <Modal opened={opened} onClose={onClose} title={`Change the plan of ${subscription.title}`} size="lg">
      <form
        className="stack"
        style={{ '--gap': '20px' }}
        onSubmit={(event) => {
          event.preventDefault();
          if (planId) change.mutate();
        }}
      >
        {of.choices.length + more.length === 0 ? (
          <EmptyState title="There is no other plan">A promotion code may open one.</EmptyState>
        ) : (
          <fieldset className="stack" style={{ '--gap': '8px', border: 0, padding: 0, margin: 0 }}>
            <legend className="visually-hidden">Plan</legend>
            {of.choices.map((choice) => (
              <PlanChoice
                key={choice.plan.id}
                plan={{ ...choice.plan, trial: choice.trialUntil ? (choice.plan.trial ?? null) : null }}
                chosen={choice.plan.id === planId}
                onChoose={() => setPlanId(choice.plan.id)}
                note={noteOf(choice)}
              />
            ))}
            {more.map((plan) => (
              <PlanChoice
                key={plan.id}
                plan={plan}
                chosen={plan.id === planId}
                onChoose={() => setPlanId(plan.id)}
                note="Opened by your code."
              />
            ))}
          </fieldset>
        )}
        <PromotionCodeField
          publisher={subscription.publisher}
          product={subscription.product}
          onOpened={(used, plans) => {
            setCode(used);
            setOpenedPlans(plans);
            setPlanId(plans[0]?.id ?? planId);
          }}
        />
        <ErrorNotice error={change.error} />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>
            Keep the plan
          </Button>
          <Button type="submit" loading={change.isPending} disabled={!planId || Boolean(locked)}>
            Change plan
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** When it holds, and what becomes of the month that runs. */
function noteOf({ plan, when, at, newCycle, credit, trialUntil }: Choice): string {
  const code = plan.promotionCode ? ' Needs a promotion code.' : '';
  if (when === 'cycle-end') return `From ${formatDate(at)}, when this month ends.${code}`;
  if (trialUntil) return `At once, and free until ${formatDate(trialUntil)}.${code}`;
  if (!newCycle) return `At once; this month goes on, with what was used of it.${code}`;
  const back = credit
    ? ` ${formatMoney(credit.amount, credit.currency)} of this month’s fee is given back.`
    : '';
  return `At once: a new month begins with its whole quota and fee.${back}${code}`;
}
