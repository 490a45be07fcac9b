import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { hasEnded, useLiveSubmission } from '../../api/live-submission.ts';
import { productQueries } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Product, Submission } from '../../api/types.ts';
import { ConfirmDanger } from '../../components/confirm-danger.tsx';
import { CopyableId } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { PipelineTimeline } from '../../components/pipeline-timeline.tsx';
import { EmptyState, LoadingLines, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { useSession } from '../../session/session.ts';
import { AudiencePanel } from './audience-panel.tsx';
import { editLink } from './edit-link.ts';
import styles from './product-frame.module.css';
import { ProductFrame } from './product-frame.tsx';
import { SubmissionActions } from './submission-actions.tsx';
import { SubmitDialog } from './submit-dialog.tsx';

export function ProductOverviewPage() {
  const { productId = '' } = useParams();
  const query = useQuery({ ...productQueries.product(productId), refetchInterval: 5_000 });
  return (
    <PageQuery query={query} title="Product">
      {(product) => <Found product={product} />}
    </PageQuery>
  );
}

function Found({ product }: { product: Product }) {
  const { may } = useSession();
  const [submitting, setSubmitting] = useState(false);
  const submit =
    may('product:submit') && product.draftDiffers && product.state !== 'in-pipeline' ? (
      <Button onClick={() => setSubmitting(true)}>Submit</Button>
    ) : null;
  return (
    <ProductFrame
      product={product}
      actions={
        <>
          <Button component={Link} to={`/publish/products/${product.id}/edit`} variant="default">
            Edit listing
          </Button>
          {submit}
        </>
      }
    >
      <div className={styles.columns}>
        <div className="stack" style={{ '--gap': '20px' }}>
          {product.submissionId ? (
            <CurrentSubmission submissionId={product.submissionId} product={product} />
          ) : (
            <NotSubmitted product={product} action={submit} />
          )}
          <Submissions productId={product.id} />
        </div>
        <div className="stack" style={{ '--gap': '20px' }}>
          <Slots product={product} />
          <AudiencePanel productId={product.id} />
          <Deletion product={product} />
        </div>
      </div>
      <SubmitDialog product={product} opened={submitting} onClose={() => setSubmitting(false)} />
    </ProductFrame>
  );
}

function CurrentSubmission({ submissionId, product }: { submissionId: string; product: Product }) {
  const query = useLiveSubmission(submissionId);
  return (
    <QueryView query={query} loading={<LoadingLines lines={8} />}>
      {(submission) => (
        <Panel
          title={
            <Link
              to={`/publish/products/${product.id}/submissions/${submission.id}`}
              style={{ color: 'inherit' }}
            >
              Submission of revision {submission.revision}
            </Link>
          }
          note={submission.message}
          actions={<StatusBadge state={submission.state} />}
          flush
        >
          {hasEnded(submission) ? null : (
            <div className={styles.next} style={{ borderBottom: '1px solid var(--line)' }}>
              <SubmissionActions submission={submission} />
            </div>
          )}
          <div style={{ paddingBottom: 12 }}>
            <PipelineTimeline
              stages={submission.stages}
              linkTo={(pointer) => editLink(product.id, pointer)}
            />
          </div>
        </Panel>
      )}
    </QueryView>
  );
}

function NotSubmitted({ product, action }: { product: Product; action: React.ReactNode }) {
  return (
    <Panel>
      <EmptyState
        title="Not submitted yet"
        actions={
          <>
            <Button component={Link} to={`/publish/products/${product.id}/edit`} variant="default">
              Write the listing
            </Button>
            {action}
          </>
        }
      >
        Complete the listing, then submit it: Souk checks, scans and runs it, and puts it in preview for you
        to try.
      </EmptyState>
    </Panel>
  );
}

function Slots({ product }: { product: Product }) {
  const address = `/products/${product.publisher}/${product.slug}`;
  return (
    <Panel title="Where it stands">
      <Facts>
        <Fact name="Live">
          {product.liveRevision === null ? (
            <span className="faint">Nothing yet</span>
          ) : (
            <Link to={`${address}?slot=live`}>Revision {product.liveRevision}</Link>
          )}
        </Fact>
        <Fact name="Preview">
          {product.previewRevision === null ? (
            <span className="faint">Nothing</span>
          ) : (
            <Link to={`${address}?slot=preview`}>Revision {product.previewRevision}</Link>
          )}
        </Fact>
        <Fact name="Draft">
          {product.draftDiffers ? 'Has changes that were not submitted' : 'As submitted'}
        </Fact>
        <Fact name="Visibility">{product.visibility === 'public' ? 'Public' : 'Private'}</Fact>
        <Fact name="Address">
          <CopyableId id={`${product.publisher}/${product.slug}`} what="the product’s name" wrap />
        </Fact>
        <Fact name="Id">
          <CopyableId id={product.id} what="product id" short />
        </Fact>
        <Fact name="Created">
          {product.createdBy}, <RelativeTime at={product.createdAt} />
        </Fact>
      </Facts>
    </Panel>
  );
}

const columns: readonly Column<Submission>[] = [
  {
    key: 'revision',
    header: 'Revision',
    value: (s) => s.revision,
    cell: (s) => (
      <Link to={`/publish/products/${s.productId}/submissions/${s.id}`} style={{ fontWeight: 500 }}>
        Revision {s.revision}
      </Link>
    ),
  },
  { key: 'state', header: 'State', value: (s) => s.state, cell: (s) => <StatusBadge state={s.state} /> },
  { key: 'by', header: 'By', value: (s) => s.submittedBy, cell: (s) => s.submittedBy },
  {
    key: 'at',
    header: 'Submitted',
    align: 'end',
    value: (s) => s.submittedAt,
    cell: (s) => <RelativeTime at={s.submittedAt} />,
  },
];

function Submissions({ productId }: { productId: string }) {
  const query = useInfiniteQuery(productQueries.submissions(productId));
  const rows = query.data?.pages.flatMap((p) => p.items) ?? [];
  if (rows.length < 2) return null;
  return (
    <Panel title="All submissions" flush>
      <DataTable
        label="Submissions"
        columns={columns}
        rows={rows}
        rowKey={(s) => s.id}
        empty={null}
        more={
          query.hasNextPage
            ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
            : undefined
        }
      />
    </Panel>
  );
}

/** Only what was never submitted can be deleted: nobody can depend on it. */
function Deletion({ product }: { product: Product }) {
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
