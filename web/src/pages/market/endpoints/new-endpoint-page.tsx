import { Button, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { endpointQueries } from '../../../api/queries/endpoints.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Subscription } from '../../../api/types.ts';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, ErrorNotice, QueryView } from '../../../components/states.tsx';
import { type EndpointChoice, EndpointForm } from './endpoint-form.tsx';

export function NewEndpointPage() {
  const query = useInfiniteQuery(subscriptionQueries.list());
  return (
    <Page
      title="New endpoint"
      trail={[{ label: 'Endpoints', to: '/endpoints' }]}
      lead="Instances that only your account calls. They are paid for by the second while they answer."
      width="narrow"
    >
      <QueryView query={query}>
        {({ pages }) => {
          const active = pages.flatMap((p) => p.items).filter((s) => s.state === 'active');
          return active.length > 0 ? (
            <NewEndpoint subscriptions={active} />
          ) : (
            <EmptyState
              title="Nothing to run yet"
              actions={
                <Button component={Link} to="/products">
                  Find a product
                </Button>
              }
            >
              An endpoint runs a product that your account is subscribed to.
            </EmptyState>
          );
        }}
      </QueryView>
    </Page>
  );
}

const choiceOf = (s: Subscription | undefined): EndpointChoice => ({
  version: s?.version ?? '',
  instanceType: '',
  settings: { instancesMin: 1, instancesMax: 1, concurrency: 8, idleMinutes: null, timeoutSeconds: 60 },
});

function NewEndpoint({ subscriptions }: { subscriptions: readonly Subscription[] }) {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const asked = subscriptions.find((s) => s.id === search.get('subscription'));
  const [subscription, setSubscription] = useState(asked ?? subscriptions[0]);
  const [name, setName] = useState('');
  const [choice, setChoice] = useState(choiceOf(subscription));
  const create = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/endpoints', {
          body: {
            name: name.trim(),
            subscriptionId: subscription?.id ?? '',
            version: choice.version,
            instanceType: choice.instanceType,
            ...choice.settings,
          },
        }),
      ),
    onSuccess: async (endpoint) => {
      queryClient.setQueryData(endpointQueries.endpoint(endpoint.name).queryKey, endpoint);
      await navigate(`/endpoints/${endpoint.name}`);
    },
  });
  if (!subscription) return null;
  return (
    <form
      className="stack"
      style={{ '--gap': '20px' }}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <Panel title="What it runs">
        <div className="stack" style={{ '--gap': '16px' }}>
          <TextInput
            label="Name"
            description="Letters, digits and inner hyphens; it is in the address that you call."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="off"
            maxLength={63}
            withAsterisk
          />
          <Select
            label="Subscription"
            data={subscriptions.map((s) => ({
              value: s.id,
              label: `${s.title} (${s.publisher}/${s.product})`,
            }))}
            value={subscription.id}
            onChange={(id) => {
              const chosen = subscriptions.find((s) => s.id === id);
              if (!chosen) return;
              setSubscription(chosen);
              setChoice(choiceOf(chosen));
            }}
            allowDeselect={false}
          />
          <EndpointForm
            key={subscription.id}
            subscription={subscription}
            value={choice}
            onChange={setChoice}
          />
        </div>
      </Panel>
      <ErrorNotice error={create.error} />
      <div className="row">
        <Button
          type="submit"
          loading={create.isPending}
          disabled={name.trim() === '' || choice.instanceType === ''}
        >
          Create endpoint
        </Button>
        <Button component={Link} to="/endpoints" variant="default">
          Cancel
        </Button>
      </div>
    </form>
  );
}
