import { Button, Select } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { instanceTypesQuery } from '../../../api/queries/catalog.ts';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import { TextField } from '../../../components/form-field.tsx';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { ErrorNotice, Notice } from '../../../components/states.tsx';
import { useSession } from '../../../session/session.ts';
import { modelOfSource, sourceChoices, sourceOfModel, useOwnModels } from '../own-models.ts';
import { TransformDetails } from './transform-details.tsx';
import { requestOf, type TransformForm, typesBySplit } from './transform-form.ts';

export function NewTransformPage() {
  const navigate = useNavigate();
  const { session } = useSession();
  const [address] = useSearchParams();
  const subscriptions = useInfiniteQuery(subscriptionQueries.list());
  const active = (subscriptions.data?.pages ?? [])
    .flatMap((p) => p.items)
    .filter((s) => s.state === 'active');
  const models = useOwnModels(active, address.get('model')) ?? [];
  const instanceTypes = useQuery(instanceTypesQuery());
  const enabled = (instanceTypes.data?.items ?? []).filter((i) => i.enabled);
  const [form, setForm] = useState<TransformForm>({
    name: `batch-${new Date()
      .toISOString()
      .slice(0, 19)
      .replace(/[^0-9]/g, '')}`,
    subscriptionId: address.get('subscription') ?? '',
    modelPackage: address.get('model') ?? '',
    input: '',
    output: 'batch/out/',
    contentType: 'text/csv',
    splitType: 'Line',
    compressionType: 'None',
    instanceType: '',
    instanceCount: 1,
    strategy: '',
    payloadMb: '',
    concurrent: '',
    timeoutSeconds: '',
    inputFilter: '',
    outputFilter: '',
    join: false,
    accept: '',
  });
  const set = (part: Partial<TransformForm>) => setForm({ ...form, ...part });
  const subscriptionId = form.subscriptionId || (active.length === 1 ? (active[0]?.id ?? '') : '');
  const source = form.modelPackage ? sourceOfModel(form.modelPackage) : subscriptionId;
  const instanceType = form.instanceType || (enabled[0]?.name ?? '');
  const create = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/transform-jobs', {
          body: requestOf({ ...form, subscriptionId, instanceType }, session.account?.id ?? ''),
        }),
      ),
    onSuccess: async (job) => {
      void queryClient.invalidateQueries({ queryKey: ['transform-jobs'] });
      await navigate(`/transforms/${job.name}`);
    },
  });
  const complete = form.name && source && form.input && form.output && form.contentType && instanceType;
  return (
    <Page
      title="Run a batch"
      trail={[{ label: 'Batch jobs', to: '/transforms' }]}
      lead="Each file is cut into records and sent to the model; its answers come out in the same order as X.out."
      width="narrow"
    >
      {subscriptions.data && active.length === 0 ? (
        <Notice
          tone="info"
          title="Nothing to run yet"
          actions={
            <Button component={Link} to="/products" size="compact-sm" variant="default">
              Find a product
            </Button>
          }
        >
          Subscribe to a product first.
        </Notice>
      ) : null}
      <form
        className="stack"
        style={{ '--gap': '20px' }}
        onSubmit={(event) => {
          event.preventDefault();
          if (complete) create.mutate();
        }}
      >
        <Panel title="What runs">
          <div className="stack" style={{ '--gap': '16px' }}>
            <Select
              label="Product or model"
              data={sourceChoices(active, models, (s) => `${s.title}, version ${s.version}`)}
              value={source || null}
              onChange={(value) => {
                const modelPackage = modelOfSource(value ?? '');
                set({ modelPackage: modelPackage ?? '', subscriptionId: modelPackage ? '' : (value ?? '') });
              }}
              searchable
            />
            <Select
              label="Instance type"
              description="One that it supports in batch."
              data={enabled.map((i) => ({
                value: i.name,
                label: `${i.name}: ${i.cpus} ${i.cpus === 1 ? 'CPU' : 'CPUs'}, ${i.memoryMb} MB`,
              }))}
              value={instanceType || null}
              onChange={(value) => set({ instanceType: value ?? '' })}
            />
            <TextField
              label="Name of the job"
              description="Letters, digits and inner hyphens."
              charsMax={63}
              value={form.name}
              onChange={(name) => set({ name })}
            />
          </div>
        </Panel>
        <Panel title="Files" note="Paths of this account’s files, or locations: souk://…, s3://…">
          <div className="stack" style={{ '--gap': '16px' }}>
            <TextField
              label="Input"
              description="A file, or a prefix: every file whose path begins so."
              placeholder="batch/in/"
              value={form.input}
              onChange={(input) => set({ input })}
            />
            <Select
              label="Files are"
              data={typesBySplit.map((t) => ({ value: t.key, label: t.label }))}
              value={
                typesBySplit.find((t) => t.contentType === form.contentType && t.splitType === form.splitType)
                  ?.key ?? null
              }
              onChange={(key) => {
                const type = typesBySplit.find((t) => t.key === key);
                if (type) set({ contentType: type.contentType, splitType: type.splitType });
              }}
              placeholder={`${form.contentType}, split ${form.splitType}`}
            />
            <TextField
              label="Output"
              description="Results are written below it."
              value={form.output}
              onChange={(output) => set({ output })}
            />
          </div>
        </Panel>
        <TransformDetails form={form} set={set} />
        <ErrorNotice error={create.error} />
        <div>
          <Button type="submit" disabled={!complete} loading={create.isPending}>
            Run
          </Button>
        </div>
      </form>
    </Page>
  );
}
