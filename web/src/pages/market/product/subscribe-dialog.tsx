import { Button, Checkbox, Modal, Select } from '@mantine/core';
import { goesBeyond, recurringOf } from '@souk/contract/plan-parts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { CatalogProduct, Plan } from '../../../api/types.ts';
import { reachable } from '../../../components/code.tsx';
import { CopyableId } from '../../../components/copy.tsx';
import { PlanChoice } from '../../../components/plan-choice.tsx';
import { atOnceText, planPrice, quotaText } from '../../../components/pricing.ts';
import { PromotionCodeField } from '../../../components/promotion-code.tsx';
import { ErrorNotice, Notice } from '../../../components/states.tsx';
import { formatDate } from '../../../format/format.ts';
import { GovernanceNotice } from './governance-notice.tsx';
import styles from './product.module.css';

interface Props {
  readonly product: CatalogProduct;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Plan, version, licence: what is agreed to is on one page, and the agreement carries the text's digest. */
export function SubscribeDialog({ product, opened, onClose }: Props) {
  const navigate = useNavigate();
  const { item, eula } = product;
  const [code, setCode] = useState<string | null>(null);
  const [openedPlans, setOpenedPlans] = useState<Plan[]>([]);
  // A plan that is hidden is there once its code was given.
  const plans = [...product.plans, ...openedPlans.filter((p) => !product.plans.some((q) => q.id === p.id))];
  const offered = product.versions.filter(
    (v) => v.choosable && v.details.state !== 'restricted' && !v.standing.restrictedAt,
  );
  const [planId, setPlanId] = useState(
    (product.plans.find((p) => !p.promotionCode) ?? product.plans[0])?.id ?? '',
  );
  // Who has had the free month is not told that there is one.
  const withoutTrial = ({ trial, ...plan }: Plan): Plan =>
    trial && !product.tried ? { ...plan, trial } : plan;
  const chosen = plans.find((p) => p.id === planId);
  const locked =
    chosen?.promotionCode === true && !product.ownedByMe && !openedPlans.some((p) => p.id === planId);
  const [version, setVersion] = useState(offered.find((v) => v.latest)?.number ?? offered[0]?.number ?? '');
  const [follow, setFollow] = useState(false);
  const [accepted, setAccepted] = useState(false);
  const subscribe = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/subscriptions', {
          body: {
            publisher: item.publisher,
            product: item.slug,
            planId,
            ...(code ? { code } : {}),
            slot: product.slot,
            ...(follow ? { followLatest: true } : version ? { version } : {}),
            eulaSha256: eula.sha256,
            acceptEula: accepted,
          },
        }),
      ),
    onSuccess: async (subscription) => {
      void queryClient.invalidateQueries({ queryKey: subscriptionQueries.all() });
      void queryClient.invalidateQueries({ queryKey: ['catalog', 'product'] });
      await navigate(`/subscriptions/${subscription.id}`, { state: { welcome: true } });
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={`Subscribe to ${item.title}`} size="lg">
      <form
        className="stack"
        style={{ '--gap': '20px' }}
        onSubmit={(event) => {
          event.preventDefault();
          if (accepted && !locked) subscribe.mutate();
        }}
      >
        <fieldset className="stack" style={{ '--gap': '8px', border: 0, padding: 0, margin: 0 }}>
          <legend className="small" style={{ fontWeight: 500, padding: 0, marginBottom: 8 }}>
            Plan
          </legend>
          {plans.map((plan) => (
            <PlanChoice
              key={plan.id}
              plan={withoutTrial(plan)}
              chosen={plan.id === planId}
              onChoose={() => setPlanId(plan.id)}
              note={plan.promotionCode && !openedPlans.includes(plan) ? 'Needs a promotion code.' : null}
            />
          ))}
        </fieldset>
        <PromotionCodeField
          publisher={item.publisher}
          product={item.slug}
          slot={product.slot}
          onOpened={(used, list) => {
            setCode(used);
            setOpenedPlans(list);
            setPlanId(list[0]?.id ?? planId);
          }}
        />
        {offered.length > 1 ? (
          <Select
            label="Version"
            description="Calls go to this version until you choose another."
            data={offered.map((v) => ({
              value: v.number,
              label: `${v.number}${v.latest ? ' (latest)' : ''}${v.standing.sunset ? ` (ends ${formatDate(v.standing.sunset.endsAt)})` : ''}`,
            }))}
            value={version}
            disabled={follow}
            allowDeselect={false}
            onChange={(value) => setVersion(value ?? version)}
          />
        ) : null}
        <Checkbox
          checked={follow}
          onChange={(event) => setFollow(event.currentTarget.checked)}
          label="Follow the latest version"
          description="Off: calls stay with the version above. On: they move to each newer version when it is released."
        />
        <div className="stack" style={{ '--gap': '8px' }}>
          <span className="small" style={{ fontWeight: 500 }}>
            Licence agreement
          </span>
          <section
            className={`${styles.eula} ${styles.eulaShort}`}
            aria-label="Licence agreement to accept"
            {...reachable}
          >
            {eula.text}
          </section>
          <span className="tiny faint">
            SHA-256 <CopyableId id={eula.sha256} what="digest of the licence" short />
          </span>
        </div>
        {chosen ? <Consequence plan={withoutTrial(chosen)} /> : null}
        <GovernanceNotice key={planId} product={product} planId={planId} />
        <Checkbox
          checked={accepted}
          onChange={(event) => setAccepted(event.currentTarget.checked)}
          label={`I accept this licence agreement for my account, from ${product.publisher.displayName}`}
        />
        <ErrorNotice error={subscribe.error} />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={subscribe.isPending} disabled={!accepted || !planId || locked}>
            Subscribe
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** In words, before it is agreed to: what comes after a free month, and what happens at the end of a quota. */
function Consequence({ plan }: { plan: Plan }) {
  const fee = recurringOf(plan.parts);
  const atOnce = atOnceText(plan);
  if (!plan.trial && !plan.quota && !fee && !atOnce) return null;
  return (
    <Notice tone="info" title={plan.trial ? 'What comes after the free month' : 'What is agreed to'}>
      {plan.trial
        ? `The first month costs nothing, once per account. Then ${planPrice(plan)}, unless you cancel before; you are told a week and a day before. `
        : fee
          ? `${planPrice(plan)}, in advance for each month from today on. `
          : ''}
      {plan.quota
        ? `${quotaText(plan)}. You are told at 80 and at 100 percent${plan.trial && goesBeyond(plan) ? ', and nothing goes on beyond it in the free month' : ''}. `
        : ''}
      {atOnce ? `${atOnce}; the next is refused until one is answered.` : ''}
    </Notice>
  );
}
