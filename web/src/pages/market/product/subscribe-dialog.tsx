import { Button, Checkbox, Modal, Select } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { CatalogProduct, Plan } from '../../../api/types.ts';
import { reachable } from '../../../components/code.tsx';
import { CopyableId } from '../../../components/copy.tsx';
import { includedText, planPrice } from '../../../components/pricing.ts';
import { ErrorNotice } from '../../../components/states.tsx';
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
  const { item, plans, eula } = product;
  const offered = product.versions.filter(
    (v) => v.choosable && v.details.state !== 'restricted' && !v.standing.restrictedAt,
  );
  const [planId, setPlanId] = useState(plans[0]?.id ?? '');
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
          if (accepted) subscribe.mutate();
        }}
      >
        <fieldset className="stack" style={{ '--gap': '8px', border: 0, padding: 0, margin: 0 }}>
          <legend className="small" style={{ fontWeight: 500, padding: 0, marginBottom: 8 }}>
            Plan
          </legend>
          {plans.map((plan) => (
            <PlanChoice
              key={plan.id}
              plan={plan}
              chosen={plan.id === planId}
              onChoose={() => setPlanId(plan.id)}
            />
          ))}
        </fieldset>
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
          <Button type="submit" loading={subscribe.isPending} disabled={!accepted || !planId}>
            Subscribe
          </Button>
        </div>
      </form>
    </Modal>
  );
}

interface ChoiceProps {
  readonly plan: Plan;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function PlanChoice({ plan, chosen, onChoose }: ChoiceProps) {
  return (
    <label className={styles.choice} data-chosen={chosen || undefined}>
      <input type="radio" name="plan" value={plan.id} checked={chosen} onChange={onChoose} />
      <span className={styles.choiceWords}>
        <span>
          <strong>{plan.name ?? plan.id}</strong>
          <span className="small muted" style={{ display: 'block' }}>
            {plan.description}
          </span>
        </span>
        <span>
          <strong>{planPrice(plan)}</strong>
          <span className="small muted" style={{ display: 'block' }}>
            {includedText(plan)}
          </span>
        </span>
      </span>
    </label>
  );
}
