import { PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import type { Bucket } from '../../../api/types.ts';
import { DialogForm } from '../../../components/dialog-form.tsx';
import { toast } from '../../../components/toast.ts';

interface Props {
  /** Null: one that the account does not know yet. */
  readonly bucket: Bucket | null;
  readonly onDone: () => void;
}

/** The key is tried before it is kept: a bucket that is listed here could be read when it was added. */
export function BucketForm({ bucket, onDone }: Props) {
  const [form, setForm] = useState({
    bucket: bucket?.bucket ?? '',
    region: bucket?.region ?? 'us-east-1',
    endpoint: bucket?.endpoint ?? '',
    accessKeyId: '',
    secretAccessKey: '',
  });
  const set = (part: Partial<typeof form>) => setForm({ ...form, ...part });
  const name = form.bucket.trim();
  const save = useMutation({
    mutationFn: () =>
      take(
        api.PUT('/api/buckets/{bucket}', {
          params: { path: { bucket: name } },
          body: {
            region: form.region.trim(),
            ...(form.endpoint.trim() ? { endpoint: form.endpoint.trim() } : {}),
            accessKeyId: form.accessKeyId.trim(),
            secretAccessKey: form.secretAccessKey.trim(),
          },
        }),
      ),
    onSuccess: () => {
      toast.done(`s3://${name}/ can be read and written.`);
      onDone();
    },
  });
  const complete =
    name !== '' && form.region.trim() !== '' && form.accessKeyId !== '' && form.secretAccessKey !== '';
  return (
    <DialogForm
      action="Try and keep it"
      onSubmit={() => save.mutate()}
      onCancel={onDone}
      busy={save.isPending}
      error={save.error}
      disabled={!complete}
    >
      <TextInput
        label="Bucket"
        description="Small letters, digits, dots and hyphens."
        disabled={bucket !== null}
        value={form.bucket}
        onChange={(event) => set({ bucket: event.currentTarget.value })}
        autoComplete="off"
      />
      <TextInput
        label="Region"
        value={form.region}
        onChange={(event) => set({ region: event.currentTarget.value })}
      />
      <TextInput
        label="Server"
        description="Of one other than AWS, such as MinIO; empty for AWS."
        type="url"
        placeholder="https://s3.example.com"
        value={form.endpoint}
        onChange={(event) => set({ endpoint: event.currentTarget.value })}
      />
      <TextInput
        label="Access key id"
        description="Of a key that may list, read and write the bucket, and nothing more."
        value={form.accessKeyId}
        onChange={(event) => set({ accessKeyId: event.currentTarget.value })}
        autoComplete="off"
      />
      <PasswordInput
        label="Secret access key"
        description="Sealed, used by jobs, never shown again."
        value={form.secretAccessKey}
        onChange={(event) => set({ secretAccessKey: event.currentTarget.value })}
        autoComplete="new-password"
      />
    </DialogForm>
  );
}
