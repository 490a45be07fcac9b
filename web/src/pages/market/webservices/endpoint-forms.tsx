import { Button, Group, Modal, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { webServiceChanged } from '../../../api/queries/web-services.ts';
import type { WebService, WebServiceEndpoint, WebServiceKeys } from '../../../api/types.ts';
import { ErrorNotice } from '../../../components/states.tsx';

const levels = ['None', 'Error', 'All'] as const;

interface Settings {
  readonly description: string;
  readonly maxConcurrentCalls: number;
  readonly logging: (typeof levels)[number];
  readonly sampleData: boolean;
}

function SettingsFields({ value, onChange }: { value: Settings; onChange: (value: Settings) => void }) {
  return (
    <>
      <TextInput
        label="Description"
        value={value.description}
        onChange={(event) => onChange({ ...value, description: event.currentTarget.value })}
        maxLength={2000}
      />
      <NumberInput
        label="Calls at the same time"
        description="4 to 200; more are refused with 503."
        value={value.maxConcurrentCalls}
        min={4}
        max={200}
        allowDecimal={false}
        onChange={(n) => onChange({ ...value, maxConcurrentCalls: Number(n) || 4 })}
      />
      <Select
        label="Logging"
        description="Error keeps calls that failed, All keeps every one; never the rows."
        data={[...levels]}
        value={value.logging}
        onChange={(l) => onChange({ ...value, logging: levels.find((x) => x === l) ?? 'None' })}
        allowDeselect={false}
      />
      <Switch
        label="Sample rows on help pages and in swagger.json"
        checked={value.sampleData}
        onChange={(event) => onChange({ ...value, sampleData: event.currentTarget.checked })}
      />
    </>
  );
}

export function AddEndpoint({
  service,
  onClose,
  onKeys,
}: {
  service: WebService;
  onClose: () => void;
  onKeys: (keys: WebServiceKeys) => void;
}) {
  const [name, setName] = useState('');
  const [settings, setSettings] = useState<Settings>({
    description: '',
    maxConcurrentCalls: 20,
    logging: 'None',
    sampleData: true,
  });
  const create = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/web-services/{service}/endpoints', {
          params: { path: { service: service.id } },
          body: { name: name.trim(), ...settings },
        }),
      ),
    onSuccess: async ({ keys }) => {
      onKeys(keys);
      onClose();
      await webServiceChanged(service.id);
    },
  });
  return (
    <Modal opened onClose={onClose} title="Add an endpoint" size="md">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextInput
          label="Name"
          description="Lower-case letters and digits, at most 24."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={24}
          autoComplete="off"
          withAsterisk
        />
        <SettingsFields value={settings} onChange={setSettings} />
        <ErrorNotice error={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!/^[a-z0-9]{1,24}$/.test(name.trim())}>
            Add
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

export function ChangeEndpoint({
  service,
  endpoint: e,
  onClose,
}: {
  service: WebService;
  endpoint: WebServiceEndpoint;
  onClose: () => void;
}) {
  const [settings, setSettings] = useState<Settings>({
    description: e.description,
    maxConcurrentCalls: e.maxConcurrentCalls,
    logging: e.logging,
    sampleData: e.sampleData,
  });
  const [freeze, setFreeze] = useState(false);
  const update = useMutation({
    mutationFn: () =>
      take(
        api.PATCH('/api/web-services/{service}/endpoints/{endpoint}', {
          params: { path: { service: service.id, endpoint: e.name } },
          body: { ...settings, ...(freeze ? { readOnly: true as const } : {}) },
        }),
      ),
    onSuccess: async () => {
      onClose();
      await webServiceChanged(service.id);
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Change ${e.name}`} size="md">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          update.mutate();
        }}
      >
        <SettingsFields value={settings} onChange={setSettings} />
        <Switch
          label="Freeze it for ever"
          description="Nobody changes or deletes it afterwards. Its keys can still be regenerated."
          checked={freeze}
          onChange={(event) => setFreeze(event.currentTarget.checked)}
        />
        <ErrorNotice error={update.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={update.isPending}>
            Save
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
