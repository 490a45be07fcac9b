import { NumberInput, PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import type { ModelServer } from '../../../api/types.ts';
import { DialogForm } from '../../../components/dialog-form.tsx';
import { toast } from '../../../components/toast.ts';

type Kind = ModelServer['credentials']['kind'];

interface Form {
  name: string;
  url: string;
  protocol: ModelServer['protocol'];
  modelName: string;
  description: string;
  /** `keep`: those that are sealed already. */
  auth: Kind | 'keep';
  credentialName: string;
  secret: string;
  accounts: string;
  timeoutMs: number;
  caPem: string;
}

const formOf = (s: ModelServer | null): Form => ({
  name: s?.name ?? '',
  url: s?.url ?? '',
  protocol: s?.protocol ?? 'sagemaker',
  modelName: s?.modelName ?? '',
  description: s?.description ?? '',
  auth: s ? 'keep' : 'none',
  credentialName: '',
  secret: '',
  accounts: s?.accountIds.join(', ') ?? '',
  timeoutMs: s?.timeoutMs ?? 60_000,
  caPem: '',
});

function credentialsOf({ auth, credentialName: name, secret }: Form) {
  switch (auth) {
    case 'keep':
      return undefined;
    case 'none':
      return { kind: 'none' as const };
    case 'bearer':
      return { kind: 'bearer' as const, token: secret };
    case 'basic':
      return { kind: 'basic' as const, user: name, password: secret };
    case 'header':
      return { kind: 'header' as const, name, value: secret };
  }
}

function settingsOf(form: Form) {
  const credentials = credentialsOf(form);
  return {
    url: form.url,
    description: form.description,
    timeoutMs: form.timeoutMs,
    accountIds: form.accounts.split(/[\s,]+/).filter(Boolean),
    ...(credentials ? { credentials } : {}),
    ...(form.caPem ? { caPem: form.caPem } : {}),
  };
}

interface Props {
  readonly server: ModelServer | null;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

export function ServerForm({ server, onDone, onCancel }: Props) {
  const [form, setForm] = useState(() => formOf(server));
  const set = (change: Partial<Form>) => setForm((before) => ({ ...before, ...change }));
  const save = useMutation({
    mutationFn: () => {
      const { name, protocol, modelName } = form;
      return server
        ? take(
            api.PATCH('/api/operator/servers/{name}', {
              params: { path: { name } },
              body: settingsOf(form),
            }),
          )
        : take(
            api.POST('/api/operator/servers', {
              body: {
                name,
                protocol,
                ...(protocol === 'inference-v2' ? { modelName } : {}),
                ...settingsOf(form),
              },
            }),
          );
    },
    onSuccess: (saved) => {
      toast.done(
        saved.health.state === 'ok'
          ? `${saved.name} is saved, and well.`
          : `${saved.name} is saved; it cannot be called yet.`,
      );
      onDone();
    },
  });
  return (
    <DialogForm
      action="Save"
      onSubmit={() => save.mutate()}
      onCancel={onCancel}
      busy={save.isPending}
      error={save.error}
    >
      <TextInput
        label="Name"
        description="Publishers read it."
        required
        withAsterisk={false}
        disabled={server !== null}
        pattern="[a-zA-Z0-9](\-*[a-zA-Z0-9]){0,62}"
        title="Letters, digits and inner hyphens"
        value={form.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <TextInput
        label="Address"
        description="Everything that is called lies below it. Private networks need SOUK_OUTBOUND_ALLOW."
        placeholder="https://triton.example.com"
        type="url"
        required
        withAsterisk={false}
        value={form.url}
        onChange={(event) => set({ url: event.currentTarget.value.trim() })}
      />
      <Select
        label="Protocol"
        data={[
          { value: 'sagemaker', label: 'SageMaker container contract' },
          { value: 'inference-v2', label: 'Open Inference Protocol v2' },
        ]}
        allowDeselect={false}
        disabled={server !== null}
        value={form.protocol}
        onChange={(protocol) => protocol && set({ protocol: protocol as Form['protocol'] })}
      />
      {form.protocol === 'inference-v2' ? (
        <TextInput
          label="Model on that server"
          required
          withAsterisk={false}
          disabled={server !== null}
          value={form.modelName}
          onChange={(event) => set({ modelName: event.currentTarget.value })}
        />
      ) : null}
      <Credentials form={form} set={set} isNew={server === null} />
      <TextInput
        label="Open to accounts"
        description="12-digit ids, separated by commas: their model packages may be served by it."
        value={form.accounts}
        onChange={(event) => set({ accounts: event.currentTarget.value })}
      />
      <NumberInput
        label="Timeout (ms)"
        description="Until its answer begins, and between two pieces of it."
        min={100}
        max={3_600_000}
        step={1000}
        allowDecimal={false}
        value={form.timeoutMs}
        onChange={(value) => set({ timeoutMs: Number(value) || 60_000 })}
      />
      <Textarea
        label="Certificate authority of its own"
        description={
          server?.hasOwnAuthority
            ? 'There is one; what is given here replaces it.'
            : 'As PEM; else the system’s.'
        }
        autosize
        minRows={2}
        maxRows={6}
        value={form.caPem}
        onChange={(event) => set({ caPem: event.currentTarget.value })}
      />
      <TextInput
        label="Description"
        value={form.description}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
    </DialogForm>
  );
}

function Credentials(props: { form: Form; set: (change: Partial<Form>) => void; isNew: boolean }) {
  const { form, set, isNew } = props;
  return (
    <>
      <Select
        label="Souk signs in by"
        data={[
          ...(isNew ? [] : [{ value: 'keep', label: 'What it has' }]),
          { value: 'none', label: 'Nothing' },
          { value: 'bearer', label: 'Bearer token' },
          { value: 'basic', label: 'User and password' },
          { value: 'header', label: 'A header' },
        ]}
        allowDeselect={false}
        value={form.auth}
        onChange={(auth) => auth && set({ auth: auth as Form['auth'] })}
      />
      {form.auth === 'basic' || form.auth === 'header' ? (
        <TextInput
          label={form.auth === 'basic' ? 'User' : 'Header'}
          required
          withAsterisk={false}
          value={form.credentialName}
          onChange={(event) => set({ credentialName: event.currentTarget.value.trim() })}
        />
      ) : null}
      {form.auth === 'keep' || form.auth === 'none' ? null : (
        <PasswordInput
          label="Secret"
          description="Sealed; it is never shown again."
          required
          withAsterisk={false}
          autoComplete="off"
          value={form.secret}
          onChange={(event) => set({ secret: event.currentTarget.value })}
        />
      )}
    </>
  );
}
