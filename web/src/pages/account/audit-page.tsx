import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { DownloadIcon } from '@radix-ui/react-icons';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { accountQueries } from '../../api/queries/account.ts';
import type { AuditEntry } from '../../api/types.ts';
import { CopyableId } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { RelativeTime } from '../../components/time.tsx';

const columns: readonly Column<AuditEntry>[] = [
  {
    key: 'action',
    header: 'Action',
    value: (e) => e.action,
    cell: (e) => (
      <>
        <span style={{ fontWeight: 500 }}>{e.action}</span>
        <span className="tiny faint" style={{ display: 'block' }}>
          {e.actor}
        </span>
      </>
    ),
  },
  {
    key: 'target',
    header: 'On',
    value: (e) => e.target,
    cell: (e) => <CopyableId id={e.target} what="what it was done to" short />,
  },
  {
    key: 'details',
    header: 'Details',
    value: (e) => JSON.stringify(e.details),
    cell: (e) =>
      Object.keys(e.details).length > 0 ? (
        <span className="tiny muted break">{detailsText(e.details)}</span>
      ) : null,
  },
  {
    key: 'sha',
    header: 'Chain',
    value: (e) => e.sha256,
    cell: (e) => <CopyableId id={e.sha256} what={`digest of entry ${e.id}`} short />,
  },
  { key: 'at', header: 'When', align: 'end', value: (e) => e.at, cell: (e) => <RelativeTime at={e.at} /> },
];

const detailsText = (details: AuditEntry['details']) =>
  Object.entries(details)
    .map(
      ([name, value]) => `${name}: ${typeof value === 'string' ? shortened(value) : JSON.stringify(value)}`,
    )
    .join(', ');

/** Digests are in the export whole. */
const shortened = (value: string) => (/^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 10)}…` : value);

const dayMs = 86_400_000;

/** Days are whole ones, in UTC; what is not filled in does not narrow the list. */
function filterOf({ from, to, ...words }: Record<'action' | 'actor' | 'target' | 'from' | 'to', string>) {
  const given = Object.entries(words).map(([name, text]) => [name, text.trim()] as const);
  const until = to ? new Date(Date.parse(to) + dayMs).toISOString() : '';
  const all = [...given, ['from', from ? new Date(from).toISOString() : ''], ['to', until]] as const;
  return Object.fromEntries(all.filter(([, text]) => text)) as Partial<Record<string, string>> as Record<
    string,
    string
  >;
}

/** Who did what. Each entry carries the digest of the one before, so that none can be taken out unnoticed. */
export function AuditPage() {
  const [action, setAction] = useState('');
  const [actor, setActor] = useState('');
  const [target, setTarget] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [filter] = useDebouncedValue(filterOf({ action, actor, target, from, to }), 250);
  const query = useInfiniteQuery(accountQueries.audit(filter));
  return (
    <Page
      title="Audit log"
      lead="Who did what, chained so that nothing can be taken out unnoticed."
      width="wide"
      actions={
        <>
          <TextInput
            aria-label="Action"
            placeholder="Action, as in product.released"
            w={240}
            value={action}
            onChange={(event) => setAction(event.currentTarget.value)}
          />
          <TextInput
            aria-label="Actor"
            placeholder="By whom"
            w={180}
            value={actor}
            onChange={(event) => setActor(event.currentTarget.value)}
          />
          <TextInput
            aria-label="Target"
            placeholder="On what, by id"
            w={180}
            value={target}
            onChange={(event) => setTarget(event.currentTarget.value)}
          />
          <TextInput
            aria-label="From, a day in UTC"
            type="date"
            w={150}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            aria-label="Up to and with, a day in UTC"
            type="date"
            w={150}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          {(['csv', 'jsonl'] as const).map((format) => (
            <Button
              key={format}
              component="a"
              href={`/api/audit/export?${new URLSearchParams({ format, ...filter })}`}
              download
              variant="default"
              leftSection={<DownloadIcon />}
            >
              {format === 'csv' ? 'CSV' : 'JSON lines'}
            </Button>
          ))}
        </>
      }
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Audit log"
              columns={columns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(e) => String(e.id)}
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={<EmptyState title="No entries match" />}
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
