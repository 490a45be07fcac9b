import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { endpointQueries } from '../../../api/queries/endpoints.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Endpoint } from '../../../api/types.ts';
import { ErrorNotice, QueryView } from '../../../components/states.tsx';
import { type EndpointChoice, EndpointForm } from './endpoint-form.tsx';

export function UpdateEndpoint({ endpoint: e, onDone }: { endpoint: Endpoint; onDone: () => void }) {
  const variant = e.serving ?? e.coming;
  const { instancesMin, instancesMax, concurrency, idleMinutes, timeoutSeconds } = e.settings;
  const before: EndpointChoice = {
    version: variant?.version ?? '',
    instanceType: variant?.instanceType ?? '',
    settings: { instancesMin, instancesMax, concurrency, idleMinutes, timeoutSeconds },
  };
  const [choice, setChoice] = useState(before);
  const query = useQuery({
    ...subscriptionQueries.subscription(variant?.subscriptionId ?? ''),
    enabled: variant !== null,
  });
  const update = useMutation({
    mutationFn: () =>
      take(
        api.PATCH('/api/endpoints/{name}', {
          params: { path: { name: e.name } },
          body: {
            ...(choice.version === before.version ? {} : { version: choice.version }),
            ...(choice.instanceType === before.instanceType ? {} : { instanceType: choice.instanceType }),
            ...choice.settings,
          },
        }),
      ),
    onSuccess: (endpoint) => {
      queryClient.setQueryData(endpointQueries.endpoint(e.name).queryKey, endpoint);
      onDone();
    },
  });
  return (
    <QueryView query={query}>
      {(subscription) => (
        <form
          className="stack"
          style={{ '--gap': '16px' }}
          onSubmit={(event) => {
            event.preventDefault();
            update.mutate();
          }}
        >
          <p className="muted">
            Another version, instance type or number of instances starts new instances beside the old ones.
            Calls move when all of them answer; otherwise nothing changes.
          </p>
          <EndpointForm subscription={subscription} value={choice} onChange={setChoice} />
          <ErrorNotice error={update.error} />
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <Button variant="default" onClick={onDone}>
              Not now
            </Button>
            <Button type="submit" loading={update.isPending}>
              Update endpoint
            </Button>
          </div>
        </form>
      )}
    </QueryView>
  );
}
