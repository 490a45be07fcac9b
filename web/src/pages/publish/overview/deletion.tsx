import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { productQueries } from '../../../api/queries/publish.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Product } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { useSession } from '../../../session/session.ts';

/** Only what was never submitted can be deleted: nobody can depend on it. */
export function Deletion({ product }: { product: Product }) {
  const { may } = useSession();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE('/api/products/{productId}', { params: { path: { productId: product.id } } })),
    onSuccess: async () => {
      await navigate('/publish');
      void queryClient.invalidateQueries({ queryKey: productQueries.all() });
    },
  });
  if (product.submissionId || !may('product:edit')) return null;
  return (
    <div>
      <Button variant="subtle" color="red" size="compact-sm" onClick={() => setAsking(true)}>
        Delete product
      </Button>
      <ConfirmDanger
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${product.title || product.slug}?`}
        action="Delete product"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        The draft is gone for good. Nobody has seen it yet, so nobody loses anything; the model package stays.
      </ConfirmDanger>
    </div>
  );
}
