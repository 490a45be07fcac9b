import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { operateQueries } from '../../api/queries/operate.ts';
import type { Account } from '../../api/types.ts';
import { CopyableId } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { Badge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';

const columns: readonly Column<Account>[] = [
  {
    key: 'name',
    header: 'Account',
    value: (a) => a.name,
    cell: (a) => (
      <span className="row">
        <span style={{ fontWeight: 500 }}>{a.name}</span>
        {a.operator ? <Badge tone="info">Operator</Badge> : null}
      </span>
    ),
  },
  { key: 'id', header: 'Id', value: (a) => a.id, cell: (a) => <CopyableId id={a.id} what="account id" /> },
  {
    key: 'created',
    header: 'Created',
    align: 'end',
    value: (a) => a.createdAt,
    cell: (a) => <RelativeTime at={a.createdAt} />,
  },
];

export function AccountsPage() {
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 200);
  const query = useInfiniteQuery(operateQueries.accounts(asked));
  return (
    <Page
      title="Accounts"
      lead="Every account of this marketplace."
      actions={
        <TextInput
          type="search"
          aria-label="Find an account"
          placeholder="Name or id"
          w={220}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      }
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Accounts"
              columns={columns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(a) => a.id}
              exportName="accounts"
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={<EmptyState title={asked ? `No account matches “${asked}”` : 'No accounts'} />}
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
