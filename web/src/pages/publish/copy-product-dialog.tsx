import { Button, Modal, Radio, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../api/client.ts';
import { productQueries } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Product } from '../../api/types.ts';
import { ErrorNotice } from '../../components/states.tsx';

interface Props {
  readonly product: Product;
  readonly visibility: 'public' | 'private';
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** A new product that begins with the listing of this one. */
export function CopyProductDialog({ product, visibility, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Copy ${product.title || product.slug}`}>
      {opened ? <Content product={product} visibility={visibility} onClose={onClose} /> : null}
    </Modal>
  );
}

function Content({ product, visibility, onClose }: Omit<Props, 'opened'>) {
  const navigate = useNavigate();
  const [slug, setSlug] = useState(`${product.slug.slice(0, 58)}-copy`);
  const [chosen, setChosen] = useState(visibility);
  const copy = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/products/{productId}/copies', {
          params: { path: { productId: product.id } },
          body: { slug, visibility: chosen },
        }),
      ),
    onSuccess: async (made) => {
      onClose();
      void queryClient.invalidateQueries({ queryKey: productQueries.all() });
      await navigate(`/publish/products/${made.id}`);
    },
  });
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        copy.mutate();
      }}
    >
      <p className="muted">
        The copy is a draft with the same texts, pictures, samples, versions, plans and terms. Subscribers,
        reviews, test accounts and restricted versions stay with the original.
      </p>
      <TextInput
        label="Name in addresses"
        description="Part of the address that buyers call; it stays as it is."
        required
        withAsterisk={false}
        data-autofocus
        pattern="[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?"
        title="Lower-case letters, digits and inner hyphens"
        value={slug}
        onChange={(event) => setSlug(event.currentTarget.value)}
      />
      <Radio.Group
        label="Product visibility"
        value={chosen}
        onChange={(value) => setChosen(value as 'public' | 'private')}
      >
        <div className="row" style={{ '--gap': '20px', paddingTop: 6 }}>
          <Radio value="public" label="Public" />
          <Radio value="private" label="Private" />
        </div>
      </Radio.Group>
      <ErrorNotice error={copy.error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={copy.isPending} disabled={slug === ''}>
          Make a copy
        </Button>
      </div>
    </form>
  );
}
