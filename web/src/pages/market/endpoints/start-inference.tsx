import { SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { endpointQueries } from '../../../api/queries/endpoints.ts';
import { queryClient } from '../../../api/query-client.ts';
import { DialogForm } from '../../../components/dialog-form.tsx';
import { toast } from '../../../components/toast.ts';
import { useSession } from '../../../session/session.ts';
import { locationOf } from '../files/location.ts';

interface Props {
  readonly endpoint: string;
  readonly onDone: () => void;
}

/** A call whose answer is fetched later: of a body typed here, or of a file that is too large for a call that waits. */
export function StartInference({ endpoint, onDone }: Props) {
  const { session } = useSession();
  const [from, setFrom] = useState<'body' | 'file'>('body');
  const [form, setForm] = useState({ body: '', file: '', type: 'text/csv', output: '', callback: '' });
  const set = (part: Partial<typeof form>) => setForm({ ...form, ...part });
  const location = (text: string) => locationOf(text, session.account?.id ?? '');
  const start = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/endpoints/{name}/inferences', {
          params: { path: { name: endpoint } },
          body: {
            ...(from === 'body' ? { body: form.body } : { inputLocation: location(form.file) }),
            ...(form.type.trim() ? { contentType: form.type.trim() } : {}),
            ...(form.output.trim() ? { outputLocation: location(form.output) } : {}),
            ...(form.callback.trim() ? { callbackUrl: form.callback.trim() } : {}),
          },
        }),
      ),
    onSuccess: ({ id }) => {
      void queryClient.invalidateQueries({ queryKey: endpointQueries.inferences(endpoint).queryKey });
      toast.done(`${id} waits for its turn.`);
      onDone();
    },
  });
  const complete = from === 'body' ? form.body !== '' : form.file.trim() !== '';
  return (
    <DialogForm
      action="Start"
      onSubmit={() => start.mutate()}
      onCancel={onDone}
      busy={start.isPending}
      error={start.error}
      disabled={!complete}
    >
      <SegmentedControl
        aria-label="Where the input is"
        value={from}
        onChange={(value) => setFrom(value === 'file' ? 'file' : 'body')}
        data={[
          { value: 'body', label: 'Typed here' },
          { value: 'file', label: 'In a file' },
        ]}
      />
      {from === 'body' ? (
        <Textarea
          label="Input"
          rows={6}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12.5 } }}
          value={form.body}
          onChange={(event) => set({ body: event.currentTarget.value })}
        />
      ) : (
        <TextInput
          label="Input file"
          description="A path of this account’s files, or a location: souk://…, s3://…"
          placeholder="batch/in/rows.csv"
          value={form.file}
          onChange={(event) => set({ file: event.currentTarget.value })}
        />
      )}
      <TextInput
        label="Content type"
        value={form.type}
        onChange={(event) => set({ type: event.currentTarget.value })}
      />
      <TextInput
        label="Answer"
        description="A file, or a folder that ends with /; else inferences/ of this endpoint."
        placeholder={`inferences/${endpoint}/`}
        value={form.output}
        onChange={(event) => set({ output: event.currentTarget.value })}
      />
      <TextInput
        label="Tell this address when it is over"
        type="url"
        placeholder="https://example.com/done"
        value={form.callback}
        onChange={(event) => set({ callback: event.currentTarget.value })}
      />
    </DialogForm>
  );
}
