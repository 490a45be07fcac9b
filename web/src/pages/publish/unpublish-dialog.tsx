import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { productQueries } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Product } from '../../api/types.ts';
import { ErrorNotice } from '../../components/states.tsx';
import { toast } from '../../components/toast.ts';
import { formatAbsolute } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';

interface Props {
  readonly product: Product;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Asks before a product leaves the catalogue: from its own page and from the table of products alike. */
export function UnpublishDialog({ product, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Unpublish ${product.title || product.slug}?`} size="md">
      {opened ? <UnpublishForm product={product} onClose={onClose} /> : null}
    </Modal>
  );
}

function UnpublishForm({ product, onClose }: Omit<Props, 'opened'>) {
  const { session } = useSession();
  const [email, setEmail] = useState(session.person?.email ?? '');
  const [reason, setReason] = useState('');
  const [replacement, setReplacement] = useState('');
  const unpublish = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/products/{productId}/removal', {
          params: { path: { productId: product.id } },
          body: { email, reason, ...(replacement.trim() ? { replacement: replacement.trim() } : {}) },
        }),
      ),
    onSuccess: (removal) => {
      onClose();
      toast.done(`Unpublished; subscribers are served until ${formatAbsolute(removal.endsAt ?? '')}.`);
      void queryClient.invalidateQueries({ queryKey: productQueries.all() });
    },
  });
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        unpublish.mutate();
      }}
    >
      <p className="muted">
        It is hidden and closed to new subscribers at once, and a submission under way is cancelled. Those who
        have it get a mail, keep it for the time that the operator sets, and lose it then. You can think
        better of it for 24 hours.
      </p>
      <TextInput
        label="E-mail"
        description="Where the operator may ask about it"
        type="email"
        required
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <Textarea
        label="Reason"
        description="For the operator; subscribers do not read it"
        required
        rows={3}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <TextInput
        label="Replacement"
        description="Optional: a product that everybody can have, as publisher/product"
        placeholder="publisher/product"
        value={replacement}
        onChange={(event) => setReplacement(event.currentTarget.value)}
      />
      <ErrorNotice error={unpublish.error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button type="submit" color="red" loading={unpublish.isPending} disabled={!reason.trim() || !email}>
          Unpublish listing
        </Button>
      </div>
    </form>
  );
}
