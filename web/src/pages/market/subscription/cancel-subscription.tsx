import { Button } from '@mantine/core';
import { recurringOf } from '@souk/contract/plan-parts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { runningQueries } from '../../../api/queries/running.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Running, Subscription } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { LoadingLines } from '../../../components/states.tsx';
import { toast } from '../../../components/toast.ts';
import { kindWords, perHourText } from '../running/words.ts';

/** Asks once, with everything that runs under the subscription: confirming stops that too. */
export function CancelSubscription({ subscription }: { subscription: Subscription }) {
  const [asking, setAsking] = useState(false);
  const { id } = subscription;
  // Seen anew each time one asks: what is confirmed is what runs now.
  const running = useQuery({ ...runningQueries.ofSubscription(id), enabled: asking, gcTime: 0 });
  const items = running.data?.items ?? [];
  const cancel = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/subscriptions/{subscriptionId}/cancel', {
          params: { path: { subscriptionId: id }, query: items.length > 0 ? { stopRunning: true } : {} },
        }),
      ),
    onSuccess: () => {
      setAsking(false);
      void queryClient.invalidateQueries({ queryKey: subscriptionQueries.all() });
      void queryClient.invalidateQueries({ queryKey: runningQueries.all() });
      toast.done(`The subscription to ${subscription.title} has ended.`);
    },
    onError: () => void running.refetch(),
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
        action={items.length > 0 ? 'Stop all and cancel' : 'Cancel subscription'}
        busy={cancel.isPending || running.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
      >
        <p>
          Calls to {subscription.publisher}/{subscription.product} from this account stop within a second.
          What was used until then stays on this month’s invoice. You can subscribe again while the product is
          listed.{' '}
          {recurringOf(subscription.plan.parts)
            ? 'The fee of the month that runs is not given back; who comes back within it goes on with it.'
            : ''}
        </p>
        {running.data ? (
          <WhatStops running={running.data} />
        ) : running.error ? null : (
          <LoadingLines lines={2} />
        )}
      </ConfirmDanger>
    </div>
  );
}

function WhatStops({ running: { items, perHour } }: { running: Running }) {
  if (items.length === 0) return <p style={{ marginTop: 8 }}>Nothing runs under it.</p>;
  return (
    <>
      <p style={{ marginTop: 8 }}>
        This runs under it and is stopped for good
        {perHour.length > 0 ? `; it costs ${perHourText(perHour)} now` : ''}:
      </p>
      <ul>
        {items.map((r) => (
          <li key={`${r.kind} ${r.id}`}>
            {kindWords[r.kind]} <strong>{r.name}</strong>, {r.state}
            {r.perHour.length > 0 ? `, ${perHourText(r.perHour)}` : ''}
          </li>
        ))}
      </ul>
    </>
  );
}
