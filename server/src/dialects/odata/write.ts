import { familyOf, type Value } from './edm.ts';
import type { Model, Operation } from './model.ts';
import type { Format } from './negotiate.ts';
import type { EdmField, Row } from './odata.ts';

const specials = new Map([
  [Infinity, '"INF"'],
  [-Infinity, '"-INF"'],
]);
const wide = new Set(['Edm.Int64', 'Edm.Decimal']);

/** One value as JSON: numbers that must keep their digits are written digit by digit, or as text for those who ask for it. */
function valueText(column: EdmField, value: Value, digits: boolean): string {
  if (value === null) return 'null';
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return '"NaN"';
    return specials.get(value) ?? (digits && wide.has(column.type) ? `"${value}"` : String(value));
  }
  if (typeof value === 'string' && wide.has(column.type)) return digits ? `"${value}"` : value;
  return JSON.stringify(value);
}

export const columnText = (column: EdmField, value: unknown, digits: boolean): string =>
  Array.isArray(value)
    ? `[${value.map((member: Value) => valueText(column, member, digits)).join(',')}]`
    : valueText(column, value as Value, digits);

/** A value as plain text, for `/$value`. */
export const plainText = (value: Value): string =>
  typeof value === 'number' && !Number.isFinite(value)
    ? Number.isNaN(value)
      ? 'NaN'
      : value > 0
        ? 'INF'
        : '-INF'
    : String(value);

/** A value as it stands in an address. */
const keyText = (column: EdmField, value: Value) =>
  familyOf[column.type] === 'string' ? `'${String(value).replaceAll("'", "''")}'` : String(value);

/** Types that a reader of the JSON could not guess; full metadata says them. */
const guessed = new Set(['Edm.String', 'Edm.Boolean', 'Edm.Double']);

export interface Writing {
  readonly model: Model;
  readonly root: string;
  readonly format: Format;
  readonly operation: Operation;
  readonly selected: readonly EdmField[] | undefined;
}

/** The URL of the row. Rows that a call answered have none: nobody can read one of them again, and 4.0 wants that said. */
function identity({ operation }: Writing, row: Row): string | undefined {
  if (!operation.isTable) return undefined;
  const [only, ...more] = operation.key;
  const key =
    only && !more.length
      ? keyText(only, row[only.name] as Value)
      : operation.key
          .map((column) => `${column.name}=${keyText(column, row[column.name] as Value)}`)
          .join(',');
  return `${operation.functionName}(${encodeURIComponent(key).replaceAll('%2C', ',').replaceAll('%3D', '=')})`;
}

function rowMembers(writing: Writing, row: Row): string[] {
  const { format, model, operation, selected } = writing;
  const members: string[] = [];
  const full = format.metadata === 'full';
  if (full) members.push(`"@odata.type":"#${model.namespace}.${operation.rowType}"`);
  if (format.metadata !== 'none') {
    const id = identity(writing, row);
    const keyLeftOut = selected && operation.key.some((key) => !selected.includes(key));
    if (id === undefined) members.push('"@odata.id":null');
    else if (full || keyLeftOut) members.push(`"@odata.id":${JSON.stringify(id)}`);
    if (full && id !== undefined) members.push(`"@odata.readLink":${JSON.stringify(id)}`);
  }
  for (const column of selected ?? operation.columns) {
    if (full && (column.collection || !guessed.has(column.type))) {
      const type = column.type.slice('Edm.'.length);
      members.push(`"${column.name}@odata.type":"#${column.collection ? `Collection(${type})` : type}"`);
    }
    members.push(`"${column.name}":${columnText(column, row[column.name], format.digits)}`);
  }
  return members;
}

const contextUrl = ({ root, format }: { root: string; format: Format }, fragment: string): string[] =>
  format.metadata === 'none' ? [] : [`"@odata.context":${JSON.stringify(`${root}/$metadata${fragment}`)}`];

const selection = ({ selected }: Writing) =>
  selected ? `(${selected.map(({ name }) => name).join(',')})` : '';

export function writeRows(
  writing: Writing,
  rows: readonly Row[],
  more: { count: number | undefined; nextLink: string | undefined },
): string {
  const { model, operation } = writing;
  const of = operation.isTable
    ? `#${operation.functionName}`
    : `#Collection(${model.namespace}.${operation.rowType})`;
  return `{${[
    ...contextUrl(writing, `${of}${selection(writing)}`),
    ...(more.count === undefined
      ? []
      : [`"@odata.count":${writing.format.digits ? `"${more.count}"` : more.count}`]),
    `"value":[${rows.map((row) => `{${rowMembers(writing, row).join(',')}}`).join(',')}]`,
    ...(more.nextLink === undefined ? [] : [`"@odata.nextLink":${JSON.stringify(more.nextLink)}`]),
  ].join(',')}}`;
}

export function writeRow(writing: Writing, row: Row): string {
  const { model, operation } = writing;
  const fragment = operation.isTable
    ? `#${operation.functionName}${selection(writing)}/$entity`
    : `#${model.namespace}.${operation.rowType}${selection(writing)}`;
  return `{${[...contextUrl(writing, fragment), ...rowMembers(writing, row)].join(',')}}`;
}

export function writeColumn(writing: Writing, column: EdmField, row: Row): string {
  const type = column.collection ? `Collection(${column.type})` : column.type;
  const id = identity(writing, row);
  return `{${[
    ...contextUrl(writing, id ? `#${id}/${column.name}` : `#${type}`),
    `"value":${columnText(column, row[column.name], writing.format.digits)}`,
  ].join(',')}}`;
}

export function writeServiceDocument(model: Model, root: string, format: Format): string {
  const listed = model.operations.flatMap(({ functionName, isTable, parameters, title }) =>
    functionName && (isTable || !parameters.length)
      ? [
          {
            name: functionName,
            kind: isTable ? 'EntitySet' : 'FunctionImport',
            url: functionName,
            ...(title && title !== functionName && { title }),
          },
        ]
      : [],
  );
  return `{${[...contextUrl({ root, format }, ''), `"value":${JSON.stringify(listed)}`].join(',')}}`;
}
