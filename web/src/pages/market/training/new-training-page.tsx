import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { isApiError } from '../../../api/errors.ts';
import { trainingQueries } from '../../../api/queries/training.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Finding, Trainable } from '../../../api/types.ts';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, ErrorNotice, QueryView } from '../../../components/states.tsx';
import {
  ChannelFields,
  HyperParameterFields,
  messageAt,
  TuningFields,
  TypedField,
} from './new-training-parts.tsx';
import { type Form, jobOf, newForm, tuningOf } from './training-form.ts';

/** Drawn from what the algorithm declares, so that what can be wrong is small before anything is sent. */
export function NewTrainingPage() {
  const [search] = useSearchParams();
  const query = useQuery(trainingQueries.trainable(search.get('subscription') ?? undefined));
  return (
    <Page
      title="New training"
      trail={[{ label: 'Training', to: '/training' }]}
      lead="Everything is checked before anything starts, and nothing is billed until the program runs."
      width="narrow"
    >
      <QueryView query={query}>
        {({ items }) =>
          items[0] ? (
            <TrainingForm items={items} first={items[0]} />
          ) : (
            <Panel>
              <EmptyState
                title="Nothing to train yet"
                actions={
                  <Button component={Link} to="/products?type=algorithm">
                    Find an algorithm
                  </Button>
                }
              >
                Subscribe to an algorithm; then it can be trained here with your data.
              </EmptyState>
            </Panel>
          )
        }
      </QueryView>
    </Page>
  );
}

function TrainingForm({ items, first }: { items: readonly Trainable[]; first: Trainable }) {
  const navigate = useNavigate();
  const [form, setForm] = useState<Form>(() => newForm(first));
  const set = (part: Partial<Form>) => setForm((before) => ({ ...before, ...part }));
  const algorithm = items.find((i) => i.subscriptionId === form.subscriptionId) ?? first;
  const objectives = algorithm.specification.supportedTuningJobObjectiveMetrics ?? [];
  const send = useMutation({
    mutationFn: async () => {
      if (form.kind === 'tuning') {
        const { name } = await take(api.POST('/api/tuning-jobs', { body: tuningOf(form, algorithm) }));
        return `/training/tuning/${name}`;
      }
      const { name } = await take(api.POST('/api/training-jobs', { body: jobOf(form, algorithm) }));
      return `/training/${name}`;
    },
    onSuccess: async (to) => {
      void queryClient.invalidateQueries({ queryKey: trainingQueries.all() });
      await navigate(to);
    },
  });
  const findings: readonly Finding[] = isApiError(send.error) ? send.error.findings : [];
  const at = (pointer: string) => messageAt(findings, pointer);
  const fields = { form, set, at };
  return (
    <form
      className="stack"
      style={{ '--gap': '20px' }}
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <Panel title="Algorithm">
        <div className="stack" style={{ '--gap': '16px' }}>
          <Select
            label="Algorithm"
            allowDeselect={false}
            data={items.map((i) => ({
              value: i.subscriptionId,
              label: `${i.product.title} ${i.version} (${i.product.publisher})`,
            }))}
            value={form.subscriptionId}
            onChange={(value) => {
              const chosen = items.find((i) => i.subscriptionId === value);
              if (chosen) setForm({ ...newForm(chosen), name: form.name, kind: 'training' });
            }}
          />
          {objectives.length > 0 ? (
            <SegmentedControl
              aria-label="What to start"
              data={[
                { value: 'training', label: 'One training' },
                { value: 'tuning', label: 'Tuning: look for the best' },
              ]}
              value={form.kind}
              onChange={(kind) => set({ kind: kind as Form['kind'] })}
            />
          ) : null}
          <TextInput
            label="Name"
            description="Letters, digits and inner hyphens. The model gets this name too."
            required
            withAsterisk={false}
            maxLength={form.kind === 'tuning' ? 32 : 63}
            pattern="[a-zA-Z0-9](-*[a-zA-Z0-9])*"
            title="Letters, digits and inner hyphens"
            value={form.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
        </div>
      </Panel>
      <Panel title="Data" note="Files of this account, or of a bucket that it keeps credentials for">
        <ChannelFields algorithm={algorithm} form={form} set={set} at={at} />
      </Panel>
      {form.kind === 'tuning' ? (
        <Panel title="Search" note="What is to become best, and how long it may look">
          <TuningFields algorithm={algorithm} form={form} set={set} at={at} />
        </Panel>
      ) : null}
      <Panel
        title="Hyperparameters"
        note={
          form.kind === 'tuning'
            ? 'Tune those that are unknown, fix the others'
            : 'Empty ones take their default'
        }
      >
        <HyperParameterFields algorithm={algorithm} form={form} set={set} at={at} />
      </Panel>
      <Panel title="Instances">
        <div className="stack" style={{ '--gap': '16px' }}>
          <Select
            label="Instance type"
            allowDeselect={false}
            data={algorithm.instanceTypes}
            value={form.instanceType}
            error={at('/resourceConfig/instanceType')}
            onChange={(value) => set({ instanceType: value ?? '' })}
          />
          {algorithm.specification.supportsDistributedTraining ? (
            <TypedField
              label="Instances"
              inputMode="numeric"
              name="instanceCount"
              pointer="/resourceConfig/instanceCount"
              {...fields}
            />
          ) : null}
          <TypedField
            label="Volume in GB"
            description="For data, model, checkpoints and temporary files together."
            inputMode="numeric"
            name="volume"
            pointer="/resourceConfig/volumeSizeInGB"
            {...fields}
          />
          <TypedField
            label="May take, in hours"
            description="Then the program is asked to end, and what it has saved is kept."
            inputMode="decimal"
            name="hours"
            pointer="/stoppingCondition/maxRuntimeInSeconds"
            {...fields}
          />
          <TypedField
            label="Checkpoints (optional)"
            description="A location where they are kept; a later training that names it goes on from there."
            placeholder="souk://…/checkpoints/"
            name="checkpoints"
            pointer="/checkpointConfig/uri"
            {...fields}
          />
          <TypedField
            label="Output (optional)"
            description="A location where model.tar.gz and the program’s other output go too."
            placeholder="souk://…/models/"
            name="output"
            pointer="/outputDataConfig/uri"
            {...fields}
          />
        </div>
      </Panel>
      <ErrorNotice error={send.error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button
          type="submit"
          loading={send.isPending}
          disabled={form.name === '' || form.instanceType === ''}
        >
          {form.kind === 'tuning' ? 'Start the tuning' : 'Start the training'}
        </Button>
      </div>
    </form>
  );
}
