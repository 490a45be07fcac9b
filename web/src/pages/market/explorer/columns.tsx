import type { PublicOperation } from '@souk/contract/services';
import { type Column, DataTable } from '../../../components/data-table.tsx';

/** What a row of the answer has, before anything is asked. */
export function Columns({ operation }: { readonly operation: PublicOperation }) {
  if (operation.columns.length === 0) return null;
  return (
    <section className="stack" aria-label="What it answers">
      <h3>What it answers</h3>
      <p className="muted small">{operation.collection ? 'Any number of rows' : 'One row'}</p>
      <DataTable
        label={`Columns of ${operation.name}`}
        columns={columnColumns}
        rows={operation.columns}
        rowKey={(column) => column.name}
        empty={null}
      />
    </section>
  );
}

const typeWord = (type: string) => type.slice('Edm.'.length);
const columnColumns: Column<PublicOperation['columns'][number]>[] = [
  { key: 'name', header: 'Column', cell: (column) => <span className="mono break">{column.name}</span> },
  {
    key: 'type',
    header: 'Type',
    cell: (column) => `${column.collection ? 'list of ' : ''}${typeWord(column.type)}`,
  },
  {
    key: 'description',
    header: 'Meaning',
    cell: (column) => [column.title, column.description].filter(Boolean).join('; '),
  },
];
