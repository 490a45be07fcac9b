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
import { EmptyState, ErrorNotice, LoadingLines, QueryView } from '../../../components/states.tsx';
import { modelOfSource, type OwnModel, sourceChoices, sourceOfModel, useOwnModels } from '../own-models.ts';
import { EndpointForm, firstChoice } from './endpoint-form.tsx';

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
            <Sources subscriptions={active} />
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

function Sources({ subscriptions }: { subscriptions: readonly Subscription[] }) {
  const [search] = useSearchParams();
  const models = useOwnModels(subscriptions, search.get('model'));
  return models ? <NewEndpoint subscriptions={subscriptions} models={models} /> : <LoadingLines />;
}

interface Choices {
  readonly subscriptions: readonly Subscription[];
  readonly models: readonly OwnModel[];
}

function NewEndpoint({ subscriptions, models }: Choices) {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const asked = subscriptions.find((s) => s.id === search.get('subscription')) ?? subscriptions[0];
  const askedModel = search.get('model');
  const [source, setSource] = useState(askedModel ? sourceOfModel(askedModel) : (asked?.id ?? ''));
  const model = models.find((m) => m.name === modelOfSource(source));
  const subscription = subscriptions.find((s) => s.id === source);
  const [name, setName] = useState('');
  const [choice, setChoice] = useState(firstChoice(subscription));
  const create = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/endpoints', {
          body: {
            name: name.trim(),
            ...(model
              ? { modelPackage: model.name }
              : { subscriptionId: subscription?.id ?? '', version: choice.version }),
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
  const runs = model ? { model } : subscription ? { subscription } : null;
  if (!runs) return null;
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
            label="Product or model"
            description={
              models.length > 0 ? 'A model of yours runs while you subscribe to its algorithm.' : null
            }
            data={sourceChoices(subscriptions, models, (s) => `${s.title} (${s.publisher}/${s.product})`)}
            value={source}
            onChange={(value) => {
              if (!value) return;
              setSource(value);
              setChoice(firstChoice(subscriptions.find((s) => s.id === value)));
            }}
            allowDeselect={false}
          />
          <EndpointForm key={source} runs={runs} value={choice} onChange={setChoice} />
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
