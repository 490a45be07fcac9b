import { Button, Progress } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { useLiveTransform } from '../../../api/live-transform.ts';
import { batchQueries } from '../../../api/queries/batch.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { TransformFile, TransformJob } from '../../../api/types.ts';
import { CodeBlock } from '../../../components/code.tsx';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Page } from '../../../components/page.tsx';
import { PageQuery } from '../../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { EmptyState, Notice, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { Elapsed, RelativeTime } from '../../../components/time.tsx';
import { formatBytes, formatCount, plural } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';

const trail = [{ label: 'Batch jobs', to: '/transforms' }];

export function TransformPage() {
  const { transformJob = '' } = useParams();
  const query = useLiveTransform(transformJob);
  return (
    <PageQuery query={query} title="Batch job">
      {(job) => <Found job={job} />}
    </PageQuery>
  );
}

function Found({ job }: { job: TransformJob }) {
  const { may } = useSession();
  const [stopping, setStopping] = useState(false);
  const results = folderOf(job.transformOutput.uri);
  const running = job.endedAt === null;
  return (
    <Page
      title={job.name}
      trail={trail}
      beside={<StatusBadge state={job.state} />}
      lead={job.model.name}
      actions={
        <>
          {results !== null && job.progress.files.done > 0 ? (
            <Button component={Link} to={`/files?prefix=${encodeURIComponent(results)}`} variant="default">
              Results
            </Button>
          ) : null}
          {running && job.state === 'InProgress' && may('transform:manage') ? (
            <Button color="red" variant="light" onClick={() => setStopping(true)}>
              Stop
            </Button>
          ) : null}
        </>
      }
    >
      {job.failure ? (
        <Notice tone="bad" title={job.failure.message}>
          {job.failure.remedy} <span className="mono faint">{job.failure.code}</span>
        </Notice>
      ) : null}
      <ProgressPanel job={job} />
      <FilesPanel job={job} />
      <SettingsPanel job={job} />
      {job.log.length > 0 ? (
        <Panel title="What the model wrote" note="Its last lines">
          <CodeBlock title="Log" code={job.log.join('\n')} wrap capped />
        </Panel>
      ) : null}
      <Stop job={job} opened={stopping} onClose={() => setStopping(false)} />
    </Page>
  );
}

/** The path of a location among the account's own files. */
const folderOf = (uri: string): string | null => {
  const [, path] = /^souk:\/\/\d{12}\/(.*)$/.exec(uri) ?? [];
  return path === undefined ? null : path.replace(/\/*$/, '/');
};

const stageWords: Record<TransformJob['stage'], string> = {
  Waiting: 'Waiting for a place to run',
  Starting: 'Starting its instances',
  Transforming: 'Transforming',
  Finishing: 'Writing the manifest',
  Ended: 'Ended',
};

function ProgressPanel({ job }: { job: TransformJob }) {
  const { files, inputBytes, rows, rowsPerSecond, calls } = job.progress;
  const share = inputBytes.total > 0 ? (inputBytes.read / inputBytes.total) * 100 : job.endedAt ? 100 : 0;
  return (
    <Panel title="Progress" note={stageWords[job.stage]}>
      <div className="stack" style={{ '--gap': '12px' }}>
        <Progress value={share} aria-label={`Progress of ${job.name}`} />
        <Facts>
          <Fact name="Files">
            {`${formatCount(files.done)} of ${files.total === null ? '…' : formatCount(files.total)}`}
            {files.failed > 0 ? `, ${formatCount(files.failed)} failed` : ''}
          </Fact>
          <Fact name="Rows">{formatCount(rows)}</Fact>
          <Fact name="Speed">{rowsPerSecond > 0 ? `${formatCount(rowsPerSecond)} rows/s` : null}</Fact>
          <Fact name="Read">{`${formatBytes(inputBytes.read)} of ${formatBytes(inputBytes.total)}`}</Fact>
          <Fact name="Calls">{formatCount(calls)}</Fact>
          <Fact name="Counted">{`${plural(job.countedUnits, 'inference')}, of finished files only`}</Fact>
          <Fact name="Time">
            {job.startedAt ? <Elapsed from={job.startedAt} to={job.endedAt} /> : 'not begun'}
          </Fact>
        </Facts>
      </div>
    </Panel>
  );
}

const fileColumns: readonly Column<TransformFile>[] = [
  {
    key: 'input',
    header: 'File',
    value: (f) => f.inputUri,
    cell: (f) => (
      <span>
        <span className="break">{f.inputUri.replace(/^souk:\/\/\d{12}\//, '')}</span>
        {f.failure ? (
          <span className="small break" style={{ display: 'block' }}>
            {f.failure.message} {f.failure.remedy}
          </span>
        ) : null}
      </span>
    ),
  },
  { key: 'state', header: 'State', value: (f) => f.state, cell: (f) => <StatusBadge state={f.state} /> },
  { key: 'rows', header: 'Rows', align: 'end', value: (f) => f.rows, cell: (f) => formatCount(f.rows) },
  {
    key: 'result',
    header: 'Result',
    align: 'end',
    value: (f) => f.outputBytes,
    cell: (f) => {
      const path = /^souk:\/\/\d{12}\/(.*)$/.exec(f.outputUri)?.[1];
      if (f.outputBytes === null) return '–';
      if (path === undefined) return formatBytes(f.outputBytes);
      return (
        <a href={`/api/files/content?path=${encodeURIComponent(path)}`} download>
          {formatBytes(f.outputBytes)} <span className="visually-hidden">of {path}</span>
        </a>
      );
    },
  },
];

function FilesPanel({ job }: { job: TransformJob }) {
  const query = useInfiniteQuery(batchQueries.jobFiles(job.name));
  return (
    <Panel title="Files" flush>
      <QueryView query={query}>
        {({ pages }) => (
          <DataTable
            label="Files of the job"
            columns={fileColumns}
            rows={pages.flatMap((p) => p.items)}
            rowKey={(f) => String(f.position)}
            exportName={`${job.name}-files`}
            more={
              query.hasNextPage
                ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                : undefined
            }
            empty={<EmptyState title="Not listed yet">The inputs are listed when the job begins.</EmptyState>}
          />
        )}
      </QueryView>
    </Panel>
  );
}

function SettingsPanel({ job }: { job: TransformJob }) {
  const { transformInput: input, transformOutput: output, dataProcessing: p, effective: e } = job;
  const { instanceType, instanceCount } = job.transformResources;
  return (
    <Panel title="Settings">
      <Facts>
        <Fact name="Input">
          <span className="break">{input.uri}</span>
        </Fact>
        <Fact name="Content type">
          {[
            input.contentType,
            input.splitType && input.splitType !== 'None' ? `split by ${input.splitType}` : 'sent whole',
            input.compressionType === 'Gzip' ? 'gzip' : null,
          ]
            .filter(Boolean)
            .join(', ')}
        </Fact>
        <Fact name="Output">
          <span className="break">{output.uri}</span>
        </Fact>
        <Fact name="Accept">{output.accept}</Fact>
        <Fact name="Instances">{`${instanceCount} × ${instanceType}`}</Fact>
        <Fact name="Calls">
          {e
            ? `${e.batchStrategy === 'MultiRecord' ? 'several records' : 'one record'} each, up to ${e.maxPayloadInMB} MB, ${e.maxConcurrentTransforms} at a time and instance`
            : null}
        </Fact>
        <Fact name="Set by">
          {e ? { job: 'this job', model: 'the model', default: 'the defaults' }[e.source] : null}
        </Fact>
        <Fact name="Input filter">{p.inputFilter}</Fact>
        <Fact name="Joined">{p.joinSource === 'Input' ? 'with the input' : null}</Fact>
        <Fact name="Output filter">{p.outputFilter}</Fact>
        <Fact name="Manifest">
          {job.manifestUri ? <span className="break">{job.manifestUri}</span> : null}
        </Fact>
        <Fact name="Begun">
          <RelativeTime at={job.createdAt} /> by {job.createdBy}
        </Fact>
      </Facts>
    </Panel>
  );
}

function Stop({ job, opened, onClose }: { job: TransformJob; opened: boolean; onClose: () => void }) {
  const stop = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/transform-jobs/{transformJob}/stop', { params: { path: { transformJob: job.name } } }),
      ),
    onSuccess: (next) => {
      queryClient.setQueryData(batchQueries.job(job.name).queryKey, next);
      onClose();
    },
  });
  return (
    <ConfirmDanger
      opened={opened}
      onClose={onClose}
      title={`Stop ${job.name}?`}
      action="Stop job"
      busy={stop.isPending}
      error={stop.error}
      onConfirm={() => stop.mutate()}
    >
      Files that are finished stay, and were counted. What is under way is given up and not counted; the job
      cannot go on later.
    </ConfirmDanger>
  );
}
