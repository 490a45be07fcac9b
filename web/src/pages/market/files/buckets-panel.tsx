import { Button, Modal } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { batchQueries } from '../../../api/queries/batch.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Bucket } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { BucketForm } from './bucket-form.tsx';

const refresh = () => queryClient.invalidateQueries({ queryKey: batchQueries.buckets().queryKey });

/** Buckets that jobs and endpoints may read and write as s3://…; secrets are never shown again. */
export function BucketsPanel({ manage }: { manage: boolean }) {
  const query = useQuery(batchQueries.buckets());
  const [edited, setEdited] = useState<Bucket | 'new' | null>(null);
  const [removed, setRemoved] = useState<Bucket | null>(null);
  const close = () => setEdited(null);
  return (
    <Panel
      title="Buckets"
      note="Locations s3://… that jobs read and write"
      actions={
        manage ? (
          <Button size="compact-sm" variant="default" onClick={() => setEdited('new')}>
            Add a bucket
          </Button>
        ) : null
      }
      flush
    >
      <QueryView query={query}>
        {({ items }) => (
          <DataTable
            label="Buckets"
            columns={columns(manage, setEdited, setRemoved)}
            rows={items}
            rowKey={(b) => b.bucket}
            empty={
              <EmptyState title="No buckets">
                Jobs may read and write your own S3 bucket once its key is kept here.
              </EmptyState>
            }
          />
        )}
      </QueryView>
      <Modal
        opened={edited !== null}
        onClose={close}
        title={edited === 'new' ? 'Add a bucket' : `Another key for ${edited?.bucket ?? ''}`}
        size="lg"
      >
        {edited ? (
          <BucketForm
            bucket={edited === 'new' ? null : edited}
            onDone={() => {
              close();
              void refresh();
            }}
          />
        ) : null}
      </Modal>
      <Removal bucket={removed} onClose={() => setRemoved(null)} />
    </Panel>
  );
}

const columns = (
  manage: boolean,
  edit: (bucket: Bucket) => void,
  remove: (bucket: Bucket) => void,
): Column<Bucket>[] => [
  {
    key: 'bucket',
    header: 'Bucket',
    value: (b) => b.bucket,
    cell: (b) => <span className="mono break">s3://{b.bucket}/</span>,
  },
  {
    key: 'where',
    header: 'Where',
    value: (b) => b.endpoint ?? `AWS ${b.region}`,
    cell: (b) => (
      <span className="break">{b.endpoint ? `${b.endpoint}, ${b.region}` : `AWS ${b.region}`}</span>
    ),
  },
  {
    key: 'key',
    header: 'Key',
    value: (b) => b.accessKeyId,
    cell: (b) => <span className="mono break">{b.accessKeyId}</span>,
  },
  {
    key: 'since',
    header: 'Since',
    value: (b) => b.createdAt,
    cell: (b) => (
      <span>
        <RelativeTime at={b.createdAt} />
        <span className="tiny faint break" style={{ display: 'block' }}>
          {b.createdBy}
        </span>
      </span>
    ),
  },
  {
    key: 'actions',
    header: '',
    align: 'end',
    cell: (b) =>
      manage ? (
        <span className="row-nowrap" style={{ justifyContent: 'flex-end' }}>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            aria-label={`Another key for ${b.bucket}`}
            onClick={() => edit(b)}
          >
            Another key
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            aria-label={`Forget ${b.bucket}`}
            onClick={() => remove(b)}
          >
            Forget
          </Button>
        </span>
      ) : null,
  },
];

function Removal({ bucket, onClose }: { bucket: Bucket | null; onClose: () => void }) {
  const remove = useMutation({
    mutationFn: (name: string) =>
      take(api.DELETE('/api/buckets/{bucket}', { params: { path: { bucket: name } } })),
    onSuccess: () => {
      onClose();
      void refresh();
    },
  });
  return (
    <ConfirmDanger
      opened={bucket !== null}
      onClose={onClose}
      title={`Forget the key for ${bucket?.bucket ?? ''}?`}
      action="Forget the key"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => bucket && remove.mutate(bucket.bucket)}
    >
      Jobs and endpoints that read or write it will fail. What is in the bucket stays as it is.
    </ConfirmDanger>
  );
}
