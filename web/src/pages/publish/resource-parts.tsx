import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { queryClient } from '../../api/query-client.ts';
import type { ModelPackage } from '../../api/types.ts';
import { ConfirmDanger } from '../../components/confirm-danger.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { formatWord } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';
import product from '../market/product/product.module.css';

/** What the pages of model packages and of algorithms have in common: both are registered resources that are checked. */
type Checked = Pick<ModelPackage, 'imageScanStatuses' | 'validationStatuses'>;

export function CheckSteps({ resource }: { resource: Checked }) {
  const steps = [...resource.imageScanStatuses, ...resource.validationStatuses];
  if (steps.length === 0)
    return (
      <p className="muted" style={{ padding: 16 }} aria-live="polite">
        The checks begin in a moment.
      </p>
    );
  return (
    <ul style={{ listStyle: 'none', padding: 0 }} aria-live="polite">
      {steps.map((step) => (
        <li key={step.name} className={product.version}>
          <div className="row spread">
            <span style={{ fontWeight: 500 }}>{formatWord(step.name)}</span>
            <StatusBadge state={step.status} />
          </div>
          {step.failureReason ? <p className="small muted break">{step.failureReason}</p> : null}
        </li>
      ))}
    </ul>
  );
}

interface DeletionProps {
  /** As in `Delete the algorithm iris?` */
  readonly kind: 'model package' | 'algorithm' | 'image';
  readonly name: string;
  readonly remove: () => Promise<unknown>;
  readonly listPath: string;
  readonly listKey: readonly string[];
  readonly consequence: string;
}

export function ResourceDeletion({ kind, name, remove, listPath, listKey, consequence }: DeletionProps) {
  const { may } = useSession();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const removal = useMutation({
    mutationFn: remove,
    onSuccess: async () => {
      await navigate(listPath);
      void queryClient.invalidateQueries({ queryKey: listKey });
    },
  });
  if (!may('model:manage')) return null;
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        Delete
      </Button>
      <ConfirmDanger
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Delete the ${kind} ${name}?`}
        action={`Delete ${kind}`}
        busy={removal.isPending}
        error={removal.error}
        onConfirm={() => removal.mutate()}
      >
        {consequence}
      </ConfirmDanger>
    </>
  );
}
