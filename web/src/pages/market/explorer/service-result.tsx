import { Button } from '@mantine/core';
import type { PublicOperation } from '@souk/contract/services';
import { reachable } from '../../../components/code.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { EmptyState } from '../../../components/states.tsx';
import { formatAbsolute, formatCount, formatDuration, plural } from '../../../format/format.ts';
import styles from './explorer.module.css';
import type { Balance } from './service-answer.ts';

type Row = Record<string, unknown>;

interface Props {
  readonly name: string;
  readonly columns: PublicOperation['columns'];
  readonly rows: readonly Row[];
  readonly balance: Balance | null;
  readonly durationMs: number | null;
  readonly more: { readonly busy: boolean; readonly load: () => void } | undefined;
}

const numericTypes = new Set<string>(
  ['Int16', 'Int32', 'Int64', 'Single', 'Double', 'Decimal'].map((type) => `Edm.${type}`),
);

const cellOf = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

/** Rows as a table, what they cost and what is left. */
export function ServiceResult({ name, columns, rows, balance, durationMs, more }: Props) {
  // The order of the description first; columns that only the answer has come after.
  const found = new Set(rows.flatMap((row) => Object.keys(row)));
  const described = columns.map((column) => column.name).filter((column) => found.has(column));
  const shown = [...described, ...[...found].filter((column) => !described.includes(column))];
  const numeric = new Set(
    shown.filter((column) => {
      const type = columns.find((one) => one.name === column && !one.collection)?.type;
      return type ? numericTypes.has(type) : rows.every((row) => typeof (row[column] ?? 0) === 'number');
    }),
  );
  const numbered = rows.map((row, index) => ({ row, index }));
  return (
    <div className="stack">
      <Cost balance={balance} rows={rows.length} durationMs={durationMs} />
      <section className={styles.rows} aria-label="Answer" {...reachable}>
        <DataTable
          label={`Rows of ${name}`}
          columns={shown.map((column) => ({
            key: column,
            header: column,
            cell: ({ row }: { row: Row }) => <span className={styles.cell}>{cellOf(row[column])}</span>,
            value: ({ row }: { row: Row }) =>
              numeric.has(column) && row[column] !== null ? Number(row[column]) : cellOf(row[column]),
            ...(numeric.has(column) ? { align: 'end' as const } : {}),
          }))}
          rows={numbered}
          rowKey={({ index }) => String(index)}
          empty={<EmptyState title="No rows">The call was answered, and nothing fits it.</EmptyState>}
          exportName={name}
        />
      </section>
      {more ? (
        <div className="row">
          <Button size="compact-sm" variant="default" loading={more.busy} onClick={more.load}>
            Next page
          </Button>
          <span className="small muted">It is a call of its own and costs as much as one.</span>
        </div>
      ) : null}
    </div>
  );
}

function Cost({
  balance,
  rows,
  durationMs,
}: {
  readonly balance: Balance | null;
  readonly rows: number;
  readonly durationMs: number | null;
}) {
  return (
    <div className={styles.cost} aria-live="polite">
      <span>{plural(rows, 'row')}</span>
      {durationMs === null ? null : <span>{formatDuration(durationMs)}</span>}
      {balance?.transactions == null ? null : (
        <span>
          This call cost <b>{plural(balance.transactions, 'transaction')}</b>
        </span>
      )}
      {balance?.remaining == null ? null : (
        <span>
          <b>{formatCount(balance.remaining)}</b>
          {balance.limit === null ? '' : ` of ${formatCount(balance.limit)}`} left
          {balance.resetsAt ? `, anew ${formatAbsolute(balance.resetsAt)}` : ''}
        </span>
      )}
      {balance && balance.limit === null ? <span>Your plan has no limit</span> : null}
    </div>
  );
}
