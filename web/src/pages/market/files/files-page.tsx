import { Button, Progress, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { batchQueries } from '../../../api/queries/batch.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { FilePage, StoredFile, Upload } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { CopyButton } from '../../../components/copy.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { FileDrop } from '../../../components/file-drop.tsx';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, ErrorNotice, QueryView } from '../../../components/states.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.ts';
import { formatBytes, plural } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { BucketsPanel } from './buckets-panel.tsx';

const refresh = () => queryClient.invalidateQueries({ queryKey: ['files'] });

/** What jobs read and write: files of the account, by path. */
export function FilesPage() {
  const { may } = useSession();
  const [address, setAddress] = useSearchParams();
  const [prefix, setPrefix] = useState(address.get('prefix') ?? '');
  const [asked] = useDebouncedValue(prefix, 250);
  const query = useInfiniteQuery(batchQueries.files(asked));
  const [removed, setRemoved] = useState<StoredFile | null>(null);
  const manage = may('file:manage');
  return (
    <Page
      title="Files"
      lead="Inputs and results of batch and training jobs. Only members of this account see them; publishers never do."
    >
      {manage ? <NewFile folder={asked} /> : null}
      <Panel flush>
        <div style={{ padding: '12px 16px' }}>
          <TextInput
            label="Show paths that begin with"
            placeholder="batch/out/"
            value={prefix}
            onChange={(event) => {
              setPrefix(event.currentTarget.value);
              setAddress(event.currentTarget.value ? { prefix: event.currentTarget.value } : {}, {
                replace: true,
              });
            }}
          />
        </div>
        <QueryView query={query}>
          {({ pages }) => (
            <>
              <DataTable
                label="Files"
                columns={columns(manage, setRemoved)}
                rows={pages.flatMap((p) => p.items)}
                rowKey={(f) => f.path}
                exportName="files"
                more={
                  query.hasNextPage
                    ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                    : undefined
                }
                empty={
                  <EmptyState title={asked ? 'No path begins so' : 'No files yet'}>
                    Drop one above, or run <code>souk files push</code>. A batch job reads them and writes its
                    results beside them.
                  </EmptyState>
                }
              />
              <Used used={pages[0]?.used} />
            </>
          )}
        </QueryView>
      </Panel>
      <BucketsPanel manage={manage} />
      <Removal file={removed} onClose={() => setRemoved(null)} />
    </Page>
  );
}

const columns = (manage: boolean, remove: (file: StoredFile) => void): Column<StoredFile>[] => [
  {
    key: 'path',
    header: 'Path',
    value: (f) => f.path,
    cell: (f) => (
      <span className="row-nowrap" style={{ '--gap': '6px' }}>
        <a className="break" href={`/api/files/content?path=${encodeURIComponent(f.path)}`} download>
          {f.path}
        </a>
        <CopyButton text={f.uri} what={`location of ${f.path}`} />
      </span>
    ),
  },
  {
    key: 'size',
    header: 'Size',
    align: 'end',
    value: (f) => f.sizeBytes,
    cell: (f) => formatBytes(f.sizeBytes),
  },
  {
    key: 'since',
    header: 'Since',
    value: (f) => f.createdAt,
    cell: (f) => (
      <span>
        <RelativeTime at={f.createdAt} />
        <span className="tiny faint break" style={{ display: 'block' }}>
          {f.createdBy}
        </span>
      </span>
    ),
  },
  {
    key: 'remove',
    header: '',
    align: 'end',
    cell: (f) =>
      manage ? (
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          aria-label={`Remove ${f.path}`}
          onClick={() => remove(f)}
        >
          Remove
        </Button>
      ) : null,
  },
];

function Used({ used }: { used: FilePage['used'] | undefined }) {
  if (!used) return null;
  return (
    <div style={{ padding: '12px 16px' }}>
      <Progress
        size="sm"
        value={used.limitBytes > 0 ? (used.sizeBytes / used.limitBytes) * 100 : 0}
        aria-label="How much of the limit is used"
      />
      <p className="small muted">
        {plural(used.files, 'file')}, {formatBytes(used.sizeBytes)} of {formatBytes(used.limitBytes)}
      </p>
    </div>
  );
}

/** One upload after the other into a folder; what is there already is replaced only when that is said. */
function NewFile({ folder }: { folder: string }) {
  const [target, setTarget] = useState<string | null>(null);
  const place = target ?? (folder === '' || folder.endsWith('/') ? folder : '');
  const keep = useMutation({
    mutationFn: ({ upload, file }: { upload: Upload; file: File }) =>
      take(
        api.POST('/api/files', {
          body: {
            path: `${place.replace(/^\/+|\/+$/g, '')}${place ? '/' : ''}${file.name}`,
            uploadId: upload.id,
          },
        }),
      ),
    onSuccess: (kept) => {
      toast.done(`${kept.path} is kept.`);
      void refresh();
    },
  });
  return (
    <Panel title="Add a file">
      <div className="stack" style={{ '--gap': '12px' }}>
        <TextInput
          label="Folder"
          description="Made by its first file; empty for none."
          placeholder="batch/in"
          value={place}
          onChange={(event) => setTarget(event.currentTarget.value)}
        />
        <FileDrop
          label="Drop a file here, or choose it"
          hint="Of any kind; an upload that breaks goes on where it was"
          purpose="data"
          compact
          onUploaded={(upload, file) => keep.mutate({ upload, file })}
        />
        <ErrorNotice error={keep.error} />
      </div>
    </Panel>
  );
}

function Removal({ file, onClose }: { file: StoredFile | null; onClose: () => void }) {
  const remove = useMutation({
    mutationFn: (path: string) => take(api.DELETE('/api/files', { params: { query: { path } } })),
    onSuccess: () => {
      onClose();
      void refresh();
    },
  });
  return (
    <ConfirmDanger
      opened={file !== null}
      onClose={onClose}
      title={`Remove ${file?.path ?? ''}?`}
      action="Remove file"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => file && remove.mutate(file.path)}
    >
      Jobs that are to read it will fail. It cannot be brought back.
    </ConfirmDanger>
  );
}
