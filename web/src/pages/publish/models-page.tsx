import { Button } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { modelQueries } from '../../api/queries/publish.ts';
import type { ModelPackage } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { formatBytes } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';

const columns: readonly Column<ModelPackage>[] = [
  {
    key: 'name',
    header: 'Name',
    value: (m) => m.name,
    cell: (m) => (
      <>
        <Link to={`/publish/models/${m.name}`} style={{ fontWeight: 500 }}>
          {m.name}
        </Link>
        {m.description ? (
          <span className="tiny faint" style={{ display: 'block' }}>
            {m.description}
          </span>
        ) : null}
      </>
    ),
  },
  { key: 'status', header: 'Status', value: (m) => m.status, cell: (m) => <StatusBadge state={m.status} /> },
  { key: 'region', header: 'Region', value: (m) => m.region, cell: (m) => m.region },
  {
    key: 'takes',
    header: 'Takes',
    value: (m) => m.inferenceSpecification.supportedContentTypes.join(' '),
    cell: (m) => m.inferenceSpecification.supportedContentTypes.join(', '),
  },
  {
    key: 'size',
    header: 'Size',
    align: 'end',
    value: (m) => m.archive.sizeBytes,
    cell: (m) => formatBytes(m.archive.sizeBytes),
  },
  {
    key: 'created',
    header: 'Registered',
    align: 'end',
    value: (m) => m.createdAt,
    cell: (m) => <RelativeTime at={m.createdAt} />,
  },
];

export function ModelsPage() {
  const { may } = useSession();
  const query = useInfiniteQuery(modelQueries.list());
  const register = may('model:manage') ? (
    <Button component={Link} to="/publish/models/new" leftSection={<PlusIcon />}>
      Register a model
    </Button>
  ) : null;
  return (
    <Page
      title="Model packages"
      lead="Trained models that this account has registered. A registered package never changes; products refer to it by its ARN."
      actions={register}
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Model packages"
              columns={columns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(m) => m.arn}
              exportName="model-packages"
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState title="No model packages yet" actions={register}>
                  Upload an ONNX model here, or use <span className="mono">souk models push</span>.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
