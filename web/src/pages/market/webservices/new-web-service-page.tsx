import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import type { Subscription } from '../../../api/types.ts';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, ErrorNotice, LoadingLines, QueryView } from '../../../components/states.tsx';
import { EndpointForm, firstChoice } from '../endpoints/endpoint-form.tsx';
import { modelOfSource, type OwnModel, sourceChoices, sourceOfModel, useOwnModels } from '../own-models.ts';
import { KeysNotice } from './keys-notice.tsx';

export function NewWebServicePage() {
  const query = useInfiniteQuery(subscriptionQueries.list());
  return (
    <Page
      title="New web service"
      trail={[{ label: 'Web services', to: '/web-services' }]}
      lead="A model on instances of your own, with columns that have names and types. They can be changed later."
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
              A web service runs a product that your account is subscribed to, or a model that you trained
              with one.
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
  return models ? <NewWebService subscriptions={subscriptions} models={models} /> : <LoadingLines />;
}

interface Choices {
  readonly subscriptions: readonly Subscription[];
  readonly models: readonly OwnModel[];
}

function NewWebService({ subscriptions, models }: Choices) {
  const [search] = useSearchParams();
  const asked = subscriptions.find((s) => s.id === search.get('subscription')) ?? subscriptions[0];
  const askedModel = search.get('model');
  const [source, setSource] = useState(askedModel ? sourceOfModel(askedModel) : (asked?.id ?? ''));
  const model = models.find((m) => m.name === modelOfSource(source));
  const subscription = subscriptions.find((s) => s.id === source);
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [choice, setChoice] = useState(firstChoice(subscription));
  const create = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/web-services', {
          body: {
            name: name.trim(),
            description: description.trim(),
            ...(model
              ? { modelPackage: model.name }
              : { subscriptionId: subscription?.id ?? '', version: choice.version }),
            instanceType: choice.instanceType,
            ...choice.settings,
          },
        }),
      ),
  });
  if (create.data)
    return (
      <div className="stack" style={{ '--gap': '20px' }}>
        <KeysNotice keys={create.data.keys} />
        <div className="row">
          <Button component={Link} to={`/web-services/${create.data.service.id}`}>
            I kept them: go to the web service
          </Button>
        </div>
      </div>
    );
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
      <Panel title="What it is">
        <div className="stack" style={{ '--gap': '16px' }}>
          <TextInput
            label="Name"
            description="As callers read it on the help pages."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="off"
            maxLength={100}
            withAsterisk
          />
          <Textarea
            label="Description"
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
            autosize
            minRows={2}
            maxLength={2000}
          />
          <Select
            label="Product or model"
            data={sourceChoices(subscriptions, models, (s) => `${s.title} (${s.publisher}/${s.product})`)}
            value={source}
            onChange={(value) => {
              if (!value) return;
              setSource(value);
              setChoice(firstChoice(subscriptions.find((s) => s.id === value)));
            }}
            allowDeselect={false}
          />
        </div>
      </Panel>
      <Panel title="Where it runs">
        <EndpointForm key={source} runs={runs} value={choice} onChange={setChoice} />
      </Panel>
      <ErrorNotice error={create.error} />
      <div className="row">
        <Button
          type="submit"
          loading={create.isPending}
          disabled={name.trim() === '' || choice.instanceType === ''}
        >
          Deploy web service
        </Button>
        <Button component={Link} to="/web-services" variant="default">
          Cancel
        </Button>
      </div>
    </form>
  );
}
