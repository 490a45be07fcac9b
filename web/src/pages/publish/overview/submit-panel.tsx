import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { productQueries } from '../../../api/queries/publish.ts';
import type { Product } from '../../../api/types.ts';
import { Panel } from '../../../components/panel.tsx';
import { plural } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { TestAccounts } from '../audience-panel.tsx';
import { submittable } from '../product-menu.tsx';
import { SubmitDialog } from '../submit-dialog.tsx';

/** The last step of the listing: who may try it besides oneself, and the button that sets it in motion. */
export function SubmitPanel({ product }: { product: Product }) {
  const { may } = useSession();
  const [submitting, setSubmitting] = useState(false);
  const draft = useQuery(productQueries.draft(product.id));
  const errors = draft.data?.findings.filter((f) => f.severity === 'error').length ?? 0;
  return (
    <Panel
      title="Submit for publishing"
      note={
        errors > 0
          ? `${plural(errors, 'thing')} still to do in the listing.`
          : product.state === 'in-pipeline'
            ? 'A submission is under way.'
            : product.draftDiffers
              ? 'The listing is complete. Souk checks, scans and runs it, and puts it in preview for you to try.'
              : 'Nothing differs from what was submitted.'
      }
      actions={
        may('product:submit') ? (
          <Button disabled={!submittable(product)} onClick={() => setSubmitting(true)}>
            Submit for publishing
          </Button>
        ) : null
      }
    >
      <h3 className="small" style={{ marginBottom: 6 }}>
        Additional test accounts, optional
      </h3>
      <TestAccounts productId={product.id} />
      <SubmitDialog product={product} opened={submitting} onClose={() => setSubmitting(false)} />
    </Panel>
  );
}
