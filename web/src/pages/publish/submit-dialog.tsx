import { Button, Modal } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { api, take } from '../../api/client.ts';
import { isApiError } from '../../api/errors.ts';
import { productQueries } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Product } from '../../api/types.ts';
import { DiffView } from '../../components/diff-view.tsx';
import { FindingList } from '../../components/finding.tsx';
import { ErrorNotice, Notice, QueryView } from '../../components/states.tsx';
import { plural } from '../../format/format.ts';
import { editLink } from './edit-link.ts';

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
  const diff = useQuery(productQueries.diff(product.id));
  const submit = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/products/{productId}/submissions', {
          params: { path: { productId: product.id } },
          body: draft.data ? { draftVersion: draft.data.version } : {},
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
          {({ against, changes }) => (
            <>
              <p className="muted">
                {against === null
                  ? 'This is its first submission.'
                  : changes.length === 0
                    ? `Nothing differs from revision ${against}.`
                    : `${plural(changes.length, 'change')} against revision ${against}.`}{' '}
                The draft is frozen as a revision; you can go on editing the next one.
              </p>
              {against !== null && changes.length > 0 ? (
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
      <ErrorNotice error={submit.error} />
      <FindingList findings={refused} linkTo={link} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onClose}>
          Not yet
        </Button>
        <Button
          disabled={errors.length > 0 || !draft.data}
          loading={submit.isPending}
          onClick={() => submit.mutate()}
        >
          Submit
        </Button>
      </div>
    </div>
  );
}
