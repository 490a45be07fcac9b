import { DataTable } from '../../../components/data-table.tsx';
import { EmptyState } from '../../../components/states.tsx';
import { formatAbsolute, formatCount, formatDuration, plural } from '../../../format/format.ts';
import styles from './explorer.module.css';
import type { Balance } from './service-answer.ts';

type Row = Record<string, unknown>;

interface Props {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly balance: Balance | null;
  readonly durationMs: number | null;
  readonly more: { readonly busy: boolean; readonly load: () => void } | undefined;
}

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
  const shown = [...columns.filter((c) => found.has(c)), ...[...found].filter((c) => !columns.includes(c))];
  const numbered = rows.map((row, index) => ({ row, index }));
  return (
    <div className="stack">
      <Cost balance={balance} rows={rows.length} durationMs={durationMs} />
      <DataTable
        label={`Rows of ${name}`}
        columns={shown.map((column) => ({
          key: column,
          header: column,
          cell: ({ row }: { row: Row }) => <span className="break">{cellOf(row[column])}</span>,
          value: ({ row }: { row: Row }) =>
            typeof row[column] === 'number' ? (row[column] as number) : cellOf(row[column]),
          ...(rows.every((row) => typeof (row[column] ?? 0) === 'number') ? { align: 'end' as const } : {}),
        }))}
        rows={numbered}
        rowKey={({ index }) => String(index)}
        empty={<EmptyState title="No rows">The call was answered, and nothing fits it.</EmptyState>}
        exportName={name}
        more={more}
      />
      {more ? (
        <p className="small muted">The next page is a call of its own and costs as much as one.</p>
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
