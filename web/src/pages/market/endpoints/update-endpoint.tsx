import { Select } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { endpointQueries } from '../../../api/queries/endpoints.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Endpoint, Subscription } from '../../../api/types.ts';
import { DialogForm } from '../../../components/dialog-form.tsx';
import { QueryView } from '../../../components/states.tsx';
import { useOwnModels } from '../own-models.ts';
import { type EndpointChoice, EndpointForm } from './endpoint-form.tsx';

interface Props {
  readonly endpoint: Endpoint;
  readonly onDone: () => void;
}

export function UpdateEndpoint({ endpoint, onDone }: Props) {
  const query = useQuery({
    ...subscriptionQueries.subscription((endpoint.serving ?? endpoint.coming)?.subscriptionId ?? ''),
    enabled: endpoint.serving !== null || endpoint.coming !== null,
  });
  return (
    <QueryView query={query}>
      {(subscription) => <UpdateForm endpoint={endpoint} subscription={subscription} onDone={onDone} />}
    </QueryView>
  );
}

function UpdateForm({ endpoint: e, subscription, onDone }: Props & { subscription: Subscription }) {
  const variant = e.serving ?? e.coming;
  const ownBefore = variant?.modelPackage ?? null;
  const [own, setOwn] = useState(ownBefore);
  const models = useOwnModels([subscription], own) ?? [];
  const model =
    own === null ? null : (models.find((m) => m.name === own) ?? { name: own, instanceTypes: null });
  const { instancesMin, instancesMax, concurrency, idleMinutes, timeoutSeconds } = e.settings;
  const before: EndpointChoice = {
    version: variant?.version ?? '',
    instanceType: variant?.instanceType ?? '',
    settings: { instancesMin, instancesMax, concurrency, idleMinutes, timeoutSeconds },
  };
  const [choice, setChoice] = useState(before);
  const update = useMutation({
    mutationFn: () =>
      take(
        api.PATCH('/api/endpoints/{name}', {
          params: { path: { name: e.name } },
          body: {
            ...(own === null || own === ownBefore ? {} : { modelPackage: own }),
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
    <DialogForm
      action="Update endpoint"
      onSubmit={() => update.mutate()}
      onCancel={onDone}
      busy={update.isPending}
      error={update.error}
    >
      <p className="muted">
        Another version or model, instance type or number of instances starts new instances beside the old
        ones. Calls move when all of them answer; otherwise nothing changes.
      </p>
      {own === null ? null : (
        <Select
          label="Model"
          data={models.map((m) => m.name)}
          value={own}
          onChange={(name) => name && setOwn(name)}
          allowDeselect={false}
        />
      )}
      <EndpointForm runs={model ? { model } : { subscription }} value={choice} onChange={setChoice} />
    </DialogForm>
  );
}
