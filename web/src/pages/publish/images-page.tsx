import { Button } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { imageQueries } from '../../api/queries/images.ts';
import type { ImageSummary } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { formatBytes } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';

const columns: readonly Column<ImageSummary>[] = [
  {
    key: 'name',
    header: 'Name',
    value: (i) => i.name,
    cell: (i) => (
      <>
        <Link to={`/publish/images/${i.id}`} style={{ fontWeight: 500 }} className="break">
          {i.name}
        </Link>
        <span className="tiny faint break" style={{ display: 'block' }}>
          {i.failureReason ?? i.statusMessage ?? i.digest?.slice(0, 19) ?? ''}
        </span>
      </>
    ),
  },
  { key: 'status', header: 'Status', value: (i) => i.status, cell: (i) => <StatusBadge state={i.status} /> },
  { key: 'platform', header: 'Platform', value: (i) => i.platform, cell: (i) => i.platform ?? '–' },
  {
    key: 'size',
    header: 'Size',
    align: 'end',
    value: (i) => i.sizeBytes,
    cell: (i) => (i.sizeBytes === null ? '–' : formatBytes(i.sizeBytes)),
  },
  {
    key: 'created',
    header: 'Pushed',
    align: 'end',
    value: (i) => i.createdAt,
    cell: (i) => <RelativeTime at={i.createdAt} />,
  },
];

export function ImagesPage() {
  const { may } = useSession();
  const query = useInfiniteQuery(imageQueries.list());
  const used = query.data?.pages[0]?.used;
  const push = may('model:manage') ? (
    <Button component={Link} to="/publish/images/new" leftSection={<PlusIcon />}>
      Push an image
    </Button>
  ) : null;
  return (
    <Page
      title="Images"
      lead="Container images of this account, kept by digest. Models and algorithms that need more than ONNX run in them; buyers never reach them."
      actions={push}
    >
      <Panel
        title="Kept here"
        note={used ? `${formatBytes(used.sizeBytes)} of ${formatBytes(used.limitBytes)}` : undefined}
        flush
      >
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Images"
              columns={columns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(i) => i.id}
              exportName="images"
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState title="No images yet" actions={push}>
                  Push an archive of one here, or use <span className="mono">souk images push</span>.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
