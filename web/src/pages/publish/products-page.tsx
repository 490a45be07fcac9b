import { Button } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { hasCode } from '../../api/errors.ts';
import { productQueries, publisherQuery } from '../../api/queries/publish.ts';
import type { Product } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { useSession } from '../../session/session.ts';
import { typeWords } from '../market/words.ts';
import { NewProductDialog } from './new-product-dialog.tsx';
import { ProductMenu } from './product-menu.tsx';

const waitWords = { publisher: 'You', system: 'Souk', operator: 'The operator' };

/** Who may not read drafts goes to the figures. */
const columns = (mayRead: boolean): readonly Column<Product>[] => [
  {
    key: 'title',
    header: 'Product',
    value: (p) => p.title || p.slug,
    cell: (p) => (
      <>
        <Link to={`/publish/products/${p.id}${mayRead ? '' : '/customers'}`} style={{ fontWeight: 500 }}>
          {p.title || p.slug}
        </Link>
        <span className="tiny faint" style={{ display: 'block' }}>
          {p.publisher}/{p.slug} · {typeWords[p.type]}
        </span>
      </>
    ),
  },
  { key: 'state', header: 'State', value: (p) => p.state, cell: (p) => <StatusBadge state={p.state} /> },
  {
    key: 'waits',
    header: 'Waits for',
    value: (p) => p.waitsFor,
    cell: (p) => (p.waitsFor ? waitWords[p.waitsFor] : <span className="faint">Nobody</span>),
  },
  {
    key: 'live',
    header: 'Live',
    value: (p) => p.liveRevision,
    cell: (p) =>
      p.liveRevision === null ? <span className="faint">Not yet</span> : `Revision ${p.liveRevision}`,
  },
  {
    key: 'draft',
    header: 'Draft',
    value: (p) => (p.draftDiffers ? 'changed' : 'submitted'),
    cell: (p) => (p.draftDiffers ? 'Has changes' : <span className="faint">As submitted</span>),
  },
  {
    key: 'updated',
    header: 'Changed',
    align: 'end',
    value: (p) => p.updatedAt,
    cell: (p) => <RelativeTime at={p.updatedAt} />,
  },
  { key: 'actions', header: '', align: 'end', cell: (p) => <ProductMenu product={p} /> },
];

export function ProductsPage() {
  const { may } = useSession();
  const [creating, setCreating] = useState(false);
  const query = useInfiniteQuery(productQueries.list());
  const publisher = useQuery({ ...publisherQuery(), retry: false });
  const noProfile = hasCode(publisher.error, 'publisher.missing');
  const create =
    may('product:edit') && !noProfile ? (
      <Button leftSection={<PlusIcon />} onClick={() => setCreating(true)}>
        New product
      </Button>
    ) : null;
  return (
    <Page
      title="Your products"
      lead="What you offer, what each is doing now, and who has to act next."
      actions={create}
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Products"
              columns={columns(may('product:read'))}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(p) => p.id}
              exportName="products"
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={noProfile ? <FirstProfile /> : <FirstProduct action={create} />}
            />
          )}
        </QueryView>
      </Panel>
      <NewProductDialog opened={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}

function FirstProfile() {
  return (
    <EmptyState
      title="Write your publisher profile first"
      actions={
        <Button component={Link} to="/publish/profile">
          Write the profile
        </Button>
      }
    >
      It takes a minute: a name for the address of your products, and what buyers should know about you.
    </EmptyState>
  );
}

function FirstProduct({ action }: { action: React.ReactNode }) {
  return (
    <EmptyState
      title="No products yet"
      actions={
        <>
          {action}
          <Button component={Link} to="/publish/models/new" variant="default">
            Upload a model first
          </Button>
        </>
      }
    >
      A product needs a registered model package, a description, a plan and a licence. You write it here, Souk
      checks and measures it, and you decide when it goes live.
    </EmptyState>
  );
}
