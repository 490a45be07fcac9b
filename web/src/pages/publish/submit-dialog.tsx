import { Button, Modal, SegmentedControl } from '@mantine/core';
import { businessDaysText } from '@souk/contract/business-days';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../api/client.ts';
import { isApiError } from '../../api/errors.ts';
import { pipelineQuery, productQueries } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Product } from '../../api/types.ts';
import { DiffView } from '../../components/diff-view.tsx';
import { FindingList } from '../../components/finding.tsx';
import { ErrorNotice, Notice, QueryView } from '../../components/states.tsx';
import { useNow } from '../../components/time.tsx';
import { plural } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';
import { editLink } from './edit-link.ts';
import { PriceChangesNote } from './overview/prices-panel.tsx';

interface Props {
  readonly product: Product;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** What would change, before it is set in motion. */
export function SubmitDialog({ product, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Submit ${product.title || product.slug}`} size="xl">
      {opened ? <Content product={product} onClose={onClose} /> : null}
    </Modal>
  );
}

function Content({ product, onClose }: { product: Product; onClose: () => void }) {
  const navigate = useNavigate();
  // Asked anew each time: the dialog must show what is submitted, not what was loaded earlier.
  const draft = useQuery({ ...productQueries.draft(product.id), staleTime: 0 });
  const { may } = useSession();
  const [against, setAgainst] = useState<'live' | 'preview'>('live');
  const diff = useQuery(productQueries.diff(product.id, against));
  const toLive = useQuery(productQueries.diff(product.id, 'live'));
  const atOnce =
    product.liveRevision !== null &&
    may('product:release') &&
    (toLive.data?.changes.length ?? 0) > 0 &&
    toLive.data?.needsPreview.length === 0;
  const submit = useMutation({
    mutationFn: (signOff: boolean) =>
      take(
        api.POST('/api/products/{productId}/submissions', {
          params: { path: { productId: product.id } },
          body: {
            ...(draft.data ? { draftVersion: draft.data.version } : {}),
            ...(signOff ? { signOff } : {}),
          },
        }),
      ),
    onSuccess: async (submission) => {
      void queryClient.invalidateQueries({ queryKey: productQueries.all() });
      await navigate(`/publish/products/${product.id}/submissions/${submission.id}`);
    },
  });
  const errors = draft.data?.findings.filter((f) => f.severity === 'error') ?? [];
  const refused = isApiError(submit.error) ? submit.error.findings : [];
  const link = (pointer: string) => editLink(product.id, pointer);
  return (
    <div className="stack" style={{ '--gap': '16px' }}>
      {errors.length > 0 ? (
        <>
          <Notice tone="bad" title={`${plural(errors.length, 'error')} must be mended first`} />
          <FindingList findings={errors} linkTo={link} />
        </>
      ) : (
        <QueryView query={diff}>
          {({ against: revision, changes }) => (
            <>
              <p className="muted">
                {saidOf(against, revision, changes.length)} The draft is frozen as a revision; you can go on
                editing the next one.
              </p>
              {product.previewRevision !== null && product.liveRevision !== null ? (
                <SegmentedControl
                  aria-label="Compare with"
                  value={against}
                  data={[
                    { value: 'live', label: `Live, revision ${product.liveRevision}` },
                    { value: 'preview', label: `Preview, revision ${product.previewRevision}` },
                  ]}
                  onChange={(value) => setAgainst(value as 'live' | 'preview')}
                />
              ) : null}
              {revision !== null && changes.length > 0 ? (
                <div
                  style={{
                    border: '1px solid var(--line)',
                    borderRadius: 8,
                    maxHeight: 360,
                    overflowY: 'auto',
                  }}
                >
                  <DiffView changes={changes} />
                </div>
              ) : null}
            </>
          )}
        </QueryView>
      )}
      {errors.length === 0 ? <PriceChangesNote productId={product.id} /> : null}
      {errors.length === 0 ? <ReviewNote /> : null}
      {atOnce && errors.length === 0 ? (
        <Notice tone="info" title="Only texts, media and prices change">
          Nothing runs otherwise, so there is nothing to try: it can go live at once, exactly as it is shown
          here.
        </Notice>
      ) : null}
      <ErrorNotice error={submit.error} />
      <FindingList findings={refused} linkTo={link} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onClose}>
          Not yet
        </Button>
        <Button
          variant={atOnce ? 'default' : 'filled'}
          disabled={errors.length > 0 || !draft.data || submit.isPending}
          loading={submit.isPending && submit.variables === false}
          onClick={() => submit.mutate(false)}
        >
          {atOnce ? 'Submit for preview' : 'Submit'}
        </Button>
        {atOnce ? (
          <Button
            disabled={errors.length > 0 || !draft.data || submit.isPending}
            loading={submit.isPending && submit.variables === true}
            onClick={() => submit.mutate(true)}
          >
            Submit and publish
          </Button>
        ) : null}
      </div>
    </div>
  );
}

/** What no program decides takes the longest; the operator's policy says whether it is read at all. */
function ReviewNote() {
  const { data } = useQuery(pipelineQuery());
  const now = useNow(60_000);
  const review = data?.stages.find((s) => s.acts === 'operator');
  if (!review) return null;
  return (
    <p className="small muted">
      Where a person of the operator reads it, after your sign-off:{' '}
      {businessDaysText(review.estimateMs, new Date(now))}, if that began now.
    </p>
  );
}

function saidOf(against: 'live' | 'preview', revision: number | null, count: number): string {
  if (revision === null) return against === 'live' ? 'Nothing of it is live yet.' : 'Nothing is in preview.';
  const where = `what is ${against === 'live' ? 'live' : 'in preview'}, revision ${revision}`;
  return count === 0 ? `Nothing differs from ${where}.` : `${plural(count, 'change')} against ${where}.`;
}
