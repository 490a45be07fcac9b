import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../api/client.ts';
import { imageQueries } from '../../api/queries/images.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Image, Upload } from '../../api/types.ts';
import { CodeBlock } from '../../components/code.tsx';
import { FileDrop } from '../../components/file-drop.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ErrorNotice } from '../../components/states.tsx';

const saving = `podman build --platform linux/amd64 -t iris:1 .
podman save --format oci-archive -o iris.tar iris:1`;

/** By an archive that is sent, or by an address from which it is fetched. */
export function NewImagePage() {
  const navigate = useNavigate();
  const open = async (image: Image) => {
    void queryClient.invalidateQueries({ queryKey: ['images', 'list'] });
    queryClient.setQueryData(imageQueries.image(image.id).queryKey, image);
    await navigate(`/publish/images/${image.id}`);
  };
  const push = useMutation({
    mutationFn: (upload: Upload) => take(api.POST('/api/images', { body: { uploadId: upload.id } })),
    onSuccess: open,
  });
  return (
    <Page
      title="Push an image"
      trail={[{ label: 'Images', to: '/publish/images' }]}
      lead="Its checks start when it is here: layers are scanned, packages listed, the entry point looked at."
      width="narrow"
    >
      <Panel title="An archive" note="OCI archive or Docker archive, also compressed">
        <div className="stack" style={{ '--gap': '16px' }}>
          <FileDrop
            label="Drop the archive here, or choose it"
            hint="As podman save and docker save write it: .tar, .tar.gz or .tar.zst"
            accept=".tar,.gz,.tgz,.zst,.tzst"
            purpose="image"
            onUploaded={(upload) => push.mutate(upload)}
          />
          <ErrorNotice error={push.error} />
          <CodeBlock title="Write one" code={saving} />
        </div>
      </Panel>
      <PullForm onPulled={open} />
    </Page>
  );
}

function PullForm({ onPulled }: { onPulled: (image: Image) => Promise<void> }) {
  const [form, setForm] = useState({ reference: '', username: '', password: '' });
  const set = (part: Partial<typeof form>) => setForm({ ...form, ...part });
  const pull = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/images/pull', {
          body: {
            reference: form.reference.trim(),
            ...(form.username ? { username: form.username } : {}),
            ...(form.password ? { password: form.password } : {}),
          },
        }),
      ),
    onSuccess: onPulled,
  });
  return (
    <Panel title="From a registry" note="Fetched once, and kept here from then on">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          pull.mutate();
        }}
      >
        <TextInput
          label="Address"
          description="With a digest it is certain which image comes; a tag is resolved once."
          placeholder="registry.example.com/team/iris@sha256:…"
          required
          withAsterisk={false}
          maxLength={512}
          value={form.reference}
          onChange={(event) => set({ reference: event.currentTarget.value })}
        />
        <TextInput
          label="User name"
          description="Where the registry wants one."
          autoComplete="off"
          maxLength={255}
          value={form.username}
          onChange={(event) => set({ username: event.currentTarget.value })}
        />
        <PasswordInput
          label="Password or token"
          description="Kept sealed until the image is here, then deleted."
          autoComplete="off"
          maxLength={4096}
          value={form.password}
          onChange={(event) => set({ password: event.currentTarget.value })}
        />
        <ErrorNotice error={pull.error} />
        <div>
          <Button type="submit" disabled={form.reference.trim() === ''} loading={pull.isPending}>
            Fetch
          </Button>
        </div>
      </form>
    </Panel>
  );
}
