import { Button, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { endpointQueries } from '../../../api/queries/endpoints.ts';
import type { AsyncInference } from '../../../api/types.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { StartInference } from './start-inference.tsx';

const columns: readonly Column<AsyncInference>[] = [
  {
    key: 'id',
    header: 'Inference',
    value: (i) => i.id,
    cell: (i) => <span className="mono break">{i.id}</span>,
  },
  { key: 'state', header: 'State', value: (i) => i.state, cell: (i) => <StatusBadge state={i.state} /> },
  {
    key: 'outcome',
    header: 'Answer',
    value: (i) => i.failure ?? i.outputLocation,
    cell: (i) => (
      <span className={i.failure ? 'break' : 'mono break'}>
        {i.failure ?? (i.state === 'Completed' ? i.outputLocation : '')}
      </span>
    ),
  },
  {
    key: 'callback',
    header: 'Callback',
    value: (i) => i.callback?.state ?? null,
    cell: (i) =>
      i.callback ? (
        <span className="break">
          {i.callback.state}
          {i.callback.failure ? `: ${i.callback.failure}` : ''}
        </span>
      ) : null,
  },
  {
    key: 'created',
    header: 'Began',
    align: 'end',
    value: (i) => i.createdAt,
    cell: (i) => <RelativeTime at={i.createdAt} />,
  },
];

/** Calls whose answers are fetched later. */
export function EndpointInferences({ name }: { name: string }) {
  const query = useQuery(endpointQueries.inferences(name));
  const [starting, setStarting] = useState(false);
  const close = () => setStarting(false);
  return (
    <Panel
      title="Asynchronous inferences"
      note="Answers lie in your files."
      actions={
        <Button size="compact-sm" variant="default" onClick={() => setStarting(true)}>
          Start one
        </Button>
      }
      flush
    >
      <Modal opened={starting} onClose={close} title={`Call ${name} without waiting`} size="lg">
        {starting ? <StartInference endpoint={name} onDone={close} /> : null}
      </Modal>
      <QueryView query={query}>
        {({ items }) => (
          <DataTable
            label="Asynchronous inferences"
            columns={columns}
            rows={items}
            rowKey={(i) => i.id}
            empty={
              <EmptyState title="None in the last 7 days">
                A call that need not be waited for: its answer is written to your files.
              </EmptyState>
            }
          />
        )}
      </QueryView>
    </Panel>
  );
}
