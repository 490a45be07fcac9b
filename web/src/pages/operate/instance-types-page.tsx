import { Button, Modal, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { instanceTypesQuery } from '../../api/queries/catalog.ts';
import { queryClient } from '../../api/query-client.ts';
import type { InstanceType } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Money } from '../../components/money.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { Badge } from '../../components/status-badge.tsx';
import { toast } from '../../components/toast.ts';
import { formatBytes, formatCount } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';

const fresh: InstanceType = {
  name: '',
  cpus: 1,
  memoryMb: 1024,
  backend: 'onnx',
  pricePerHour: '0',
  currency: 'USD',
  enabled: true,
};

export function InstanceTypesPage() {
  const { may } = useSession();
  const query = useQuery(instanceTypesQuery());
  const [edited, setEdited] = useState<InstanceType | null>(null);
  const editable = may('operator:manage');
  const columns: Column<InstanceType>[] = [
    {
      key: 'name',
      header: 'Name',
      value: (t) => t.name,
      cell: (t) => <span style={{ fontWeight: 500 }}>{t.name}</span>,
    },
    { key: 'cpus', header: 'CPUs', align: 'end', value: (t) => t.cpus, cell: (t) => formatCount(t.cpus) },
    {
      key: 'memory',
      header: 'Memory',
      align: 'end',
      value: (t) => t.memoryMb,
      cell: (t) => formatBytes(t.memoryMb * 1_000_000),
    },
    { key: 'backend', header: 'Backend', value: (t) => t.backend, cell: (t) => t.backend },
    {
      key: 'price',
      header: 'Price per hour',
      align: 'end',
      value: (t) => t.pricePerHour,
      cell: (t) => <Money amount={t.pricePerHour} currency={t.currency} />,
    },
    {
      key: 'enabled',
      header: 'State',
      value: (t) => (t.enabled ? 'enabled' : 'disabled'),
      cell: (t) =>
        t.enabled ? (
          <Badge tone="good" shape="check">
            Enabled
          </Badge>
        ) : (
          <Badge tone="neutral" shape="dash">
            Disabled
          </Badge>
        ),
    },
    {
      key: 'edit',
      header: '',
      align: 'end',
      cell: (t) =>
        editable ? (
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() => setEdited(t)}
            aria-label={`Edit ${t.name}`}
          >
            Edit
          </Button>
        ) : null,
    },
  ];
  return (
    <Page
      title="Instance types"
      lead="What products can run on: processors, memory, where, at what price."
      actions={
        editable ? (
          <Button leftSection={<PlusIcon />} onClick={() => setEdited(fresh)}>
            New instance type
          </Button>
        ) : null
      }
    >
      <Panel flush>
        <QueryView query={query}>
          {({ items }) => (
            <DataTable
              label="Instance types"
              columns={columns}
              rows={items}
              rowKey={(t) => t.name}
              exportName="instance-types"
              empty={<EmptyState title="No instance types">Without one, nothing can run.</EmptyState>}
            />
          )}
        </QueryView>
      </Panel>
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={edited?.name ? `Instance type ${edited.name}` : 'New instance type'}
      >
        {edited ? <Form key={edited.name} type={edited} onDone={() => setEdited(null)} /> : null}
      </Modal>
    </Page>
  );
}

function Form({ type, onDone }: { type: InstanceType; onDone: () => void }) {
  const [form, setForm] = useState(type);
  const save = useMutation({
    mutationFn: () => {
      const { name, ...body } = form;
      return take(api.PUT('/api/operator/instance-types/{name}', { params: { path: { name } }, body }));
    },
    onSuccess: (saved) => {
      void queryClient.invalidateQueries({ queryKey: instanceTypesQuery().queryKey });
      toast.done(`${saved.name} is saved.`);
      onDone();
    },
  });
  return (
    <DialogForm
      action="Save"
      onSubmit={() => save.mutate()}
      onCancel={onDone}
      busy={save.isPending}
      error={save.error}
    >
      <TextInput
        label="Name"
        placeholder="ml.c5.large"
        required
        withAsterisk={false}
        disabled={type.name !== ''}
        pattern="[a-z0-9][a-z0-9.\-]{1,62}"
        title="Lower-case letters, digits, dots and hyphens"
        value={form.name}
        onChange={(event) => setForm({ ...form, name: event.currentTarget.value })}
      />
      <div className="row" style={{ '--gap': '16px' }}>
        <NumberInput
          label="CPUs"
          className="grow"
          min={0.25}
          max={1024}
          step={0.25}
          value={form.cpus}
          onChange={(value) => setForm({ ...form, cpus: Number(value) || 1 })}
        />
        <NumberInput
          label="Memory (MB)"
          className="grow"
          min={64}
          max={16_777_216}
          step={256}
          allowDecimal={false}
          value={form.memoryMb}
          onChange={(value) => setForm({ ...form, memoryMb: Number(value) || 64 })}
        />
      </div>
      <div className="row" style={{ '--gap': '16px' }}>
        <TextInput
          label="Price per hour"
          description="Paid to you for what buyers run on it, beside the plan’s price; 0: nothing. Holds from the next full hour."
          className="grow"
          inputMode="decimal"
          required
          withAsterisk={false}
          pattern="\d{1,12}(\.\d{1,12})?"
          title="Written as 0.05"
          value={form.pricePerHour}
          onChange={(event) => setForm({ ...form, pricePerHour: event.currentTarget.value.trim() })}
        />
        <Select
          label="Currency"
          data={Intl.supportedValuesOf('currency')}
          searchable
          w={110}
          allowDeselect={false}
          value={form.currency}
          onChange={(currency) => currency && setForm({ ...form, currency })}
        />
      </div>
      <Select
        label="Backend"
        description="The cluster trains, tunes and runs batch jobs; endpoints run on this computer."
        data={[
          { value: 'onnx', label: 'This computer' },
          { value: 'slurm', label: 'Slurm cluster' },
        ]}
        allowDeselect={false}
        value={form.backend}
        onChange={(backend) => backend && setForm({ ...form, backend: backend as InstanceType['backend'] })}
      />
      <Switch
        label="Enabled"
        description="Disabled: nothing new starts on it; what runs keeps running."
        checked={form.enabled}
        onChange={(event) => setForm({ ...form, enabled: event.currentTarget.checked })}
      />
    </DialogForm>
  );
}
