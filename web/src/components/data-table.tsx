import { Button } from '@mantine/core';
import { DownloadIcon } from '@radix-ui/react-icons';
import { type ReactNode, useMemo, useState } from 'react';
import { formatCount } from '../format/format.ts';
import { download, toCsv } from './csv.ts';
import styles from './data-table.module.css';

export interface Column<Row> {
  readonly key: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** What the column is sorted and exported by; a column without it is neither. */
  readonly value?: (row: Row) => string | number | null;
  readonly align?: 'end';
  readonly width?: string;
}

interface Props<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly empty: ReactNode;
  /** Name of the exported file, without ending; without it there is no export. */
  readonly exportName?: string;
  readonly more?: { readonly busy: boolean; readonly load: () => void } | undefined;
}

interface Sorting {
  readonly key: string;
  readonly descending: boolean;
}

export function DataTable<Row>({ label, columns, rows, rowKey, empty, exportName, more }: Props<Row>) {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const sorted = useMemo(() => sortRows(rows, columns, sorting), [rows, columns, sorting]);
  if (rows.length === 0) return <>{empty}</>;
  const exported = () => {
    const own = columns.filter((c) => c.value);
    const content = toCsv([own.map((c) => c.header), ...sorted.map((r) => own.map((c) => c.value?.(r)))]);
    download(`${exportName}.csv`, content, 'text/csv;charset=utf-8');
  };
  return (
    <div className={styles.frame}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell
                key={column.key}
                column={column}
                sorting={sorting}
                onSort={() => setSorting(nextSorting(sorting, column.key))}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => {
                const content = column.cell(row);
                return (
                  <td
                    key={column.key}
                    data-label={column.header}
                    data-align={column.align}
                    data-empty={content === null || content === '' || undefined}
                  >
                    {content}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {more || exportName ? (
        <div className={styles.tools}>
          <span>
            {formatCount(rows.length)}
            {more ? ' shown, there are more' : rows.length === 1 ? ' row' : ' rows'}
          </span>
          <div className="row">
            {more ? (
              <Button size="compact-sm" variant="default" loading={more.busy} onClick={more.load}>
                Show more
              </Button>
            ) : null}
            {exportName ? (
              <Button size="compact-sm" variant="subtle" leftSection={<DownloadIcon />} onClick={exported}>
                Export CSV
              </Button>
            ) : null}
          </div>
        </div>
      ) : null}
    </div>
  );
}

interface HeaderCellProps<Row> {
  readonly column: Column<Row>;
  readonly sorting: Sorting | null;
  readonly onSort: () => void;
}

function HeaderCell<Row>({ column, sorting, onSort }: HeaderCellProps<Row>) {
  const own = sorting?.key === column.key ? sorting : null;
  const direction = own ? (own.descending ? 'descending' : 'ascending') : undefined;
  const style = column.width ? { width: column.width } : undefined;
  return (
    <th scope="col" data-align={column.align} style={style} aria-sort={direction}>
      {column.value ? (
        <button type="button" className={styles.sort} onClick={onSort}>
          {column.header}
          <span className={styles.mark} aria-hidden="true">
            {own ? (own.descending ? '↓' : '↑') : ''}
          </span>
        </button>
      ) : (
        column.header || <span className="visually-hidden">Actions</span>
      )}
    </th>
  );
}

const nextSorting = (sorting: Sorting | null, key: string): Sorting | null => {
  if (sorting?.key !== key) return { key, descending: false };
  return sorting.descending ? null : { key, descending: true };
};

function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sorting: Sorting | null) {
  const value = columns.find((c) => c.key === sorting?.key)?.value;
  if (!sorting || !value) return rows;
  const sign = sorting.descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(value(a), value(b)));
}

function compare(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}
