import { Button, Checkbox, NumberInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { endpointQueries } from '../../../api/queries/endpoints.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Endpoint } from '../../../api/types.ts';
import { DialogForm } from '../../../components/dialog-form.tsx';
import { useSession } from '../../../session/session.ts';
import { locationOf } from '../files/location.ts';

interface Props {
  readonly endpoint: Endpoint;
  readonly onDone: () => void;
}

/** Which calls are written into the account's files. No instance is started anew for it. */
export function CaptureForm({ endpoint, onDone }: Props) {
  const { session } = useSession();
  const before = endpoint.settings.capture ?? null;
  const [form, setForm] = useState(
    before ?? { percent: 100, requests: true, answers: true, location: `capture/${endpoint.name}/` },
  );
  const set = (part: Partial<typeof form>) => setForm({ ...form, ...part });
  const folder = form.location.trim().replace(/\/*$/, '/');
  const save = useMutation({
    mutationFn: (on: boolean) =>
      take(
        api.PATCH('/api/endpoints/{name}', {
          params: { path: { name: endpoint.name } },
          body: {
            capture: on ? { ...form, location: locationOf(folder, session.account?.id ?? '') } : null,
          },
        }),
      ),
    onSuccess: (changed) => {
      queryClient.setQueryData(endpointQueries.endpoint(endpoint.name).queryKey, changed);
      onDone();
    },
  });
  const complete = (form.requests || form.answers) && folder !== '/';
  return (
    <DialogForm
      action={before ? 'Save' : 'Switch it on'}
      onSubmit={() => save.mutate(true)}
      onCancel={onDone}
      busy={save.isPending}
      error={save.error}
      disabled={!complete}
      otherwise={
        before ? (
          <Button variant="default" loading={save.isPending} onClick={() => save.mutate(false)}>
            Switch it off
          </Button>
        ) : null
      }
    >
      <p className="muted">
        Calls are written as JSON lines into your files, where only members of this account read them. Not
        captured are streamed calls, and bodies over 64 kB.
      </p>
      <div className="stack" style={{ '--gap': '8px' }}>
        <Checkbox
          label="Requests"
          checked={form.requests}
          onChange={(event) => set({ requests: event.currentTarget.checked })}
        />
        <Checkbox
          label="Answers"
          checked={form.answers}
          onChange={(event) => set({ answers: event.currentTarget.checked })}
        />
      </div>
      <NumberInput
        label="Of the calls, in percent"
        description="Chosen at random."
        value={form.percent}
        min={1}
        max={100}
        allowDecimal={false}
        onChange={(n) => set({ percent: Number(n) || 1 })}
      />
      <TextInput
        label="Folder"
        description="A path of this account’s files, or a location: souk://…, s3://…"
        value={form.location}
        onChange={(event) => set({ location: event.currentTarget.value })}
      />
    </DialogForm>
  );
}
