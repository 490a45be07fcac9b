import { Button, Modal, Radio, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../api/client.ts';
import { productQueries } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import { ErrorNotice } from '../../components/states.tsx';

export const slugOf = (text: string) =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);

export function NewProductDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const [type, setType] = useState<'model-package' | 'algorithm' | 'web-service'>('model-package');
  const [title, setTitle] = useState('');
  const [typedSlug, setTypedSlug] = useState<string | null>(null);
  const slug = typedSlug ?? slugOf(title);
  const create = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/products', {
          body: {
            type,
            slug,
            ...(title.trim() ? { document: { listing: { title: title.trim() } } } : {}),
          },
        }),
      ),
    onSuccess: async (product) => {
      void queryClient.invalidateQueries({ queryKey: productQueries.all() });
      await navigate(`/publish/products/${product.id}/edit`);
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title="New product">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextInput
          label="Title"
          description="What buyers read first; you can change it later."
          data-autofocus
          maxLength={72}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <TextInput
          label="Name in addresses"
          description="Part of the address that buyers call; it stays as it is."
          required
          withAsterisk={false}
          pattern="[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?"
          title="Lower-case letters, digits and inner hyphens"
          value={slug}
          onChange={(event) => setTypedSlug(event.currentTarget.value)}
        />
        <Radio.Group
          label="What it sells"
          value={type}
          onChange={(value) => setType(value as 'model-package' | 'algorithm' | 'web-service')}
        >
          <div className="stack" style={{ '--gap': '8px', marginTop: 8 }}>
            <Radio value="model-package" label="A model package" description="Trained; it answers calls." />
            <Radio
              value="algorithm"
              label="An algorithm"
              description="It trains models from the buyer’s data."
            />
            <Radio
              value="web-service"
              label="A data service"
              description="A web service that runs elsewhere; buyers call it here with one key."
            />
          </div>
        </Radio.Group>
        <ErrorNotice error={create.error} />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} disabled={slug === ''}>
            Create
          </Button>
        </div>
      </form>
    </Modal>
  );
}
