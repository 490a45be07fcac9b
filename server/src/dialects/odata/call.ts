import { batchArguments, bodyArguments, functionArguments } from './arguments.ts';
import { readBody } from './body.ts';
import { type Value, valueOfLiteral } from './edm.ts';
import { compileFilter, compileOrder, compileSelect } from './filter.ts';
import type { Model, Operation } from './model.ts';
import { contentType, type Format, negotiate, preferredPageSize } from './negotiate.ts';
import { refuse, shown } from './odata.failure.ts';
import type { EdmField, Execute, FaceAnswer, FaceLimits, Row } from './odata.ts';
import { type Options, truth, wholeNumber } from './options.ts';
import type { Paging } from './paging.ts';
import type { Path, PathValue } from './path.ts';
import { newSource, type Query, readPage, type Source } from './rows.ts';
import { plainText, type Writing, writeColumn, writeRow, writeRows } from './write.ts';

export interface Asked {
  readonly request: Request;
  readonly root: string;
  /** Path and query under the root as they came. */
  readonly encodedPath: string;
  readonly encodedQuery: string;
  readonly path: Path;
  readonly options: Options;
}

export interface CallSettings {
  readonly model: Model;
  readonly execute: Execute;
  readonly limits: FaceLimits;
  readonly paging: Paging;
}

export const versionHeader = { 'OData-Version': '4.0' };

/** What stands behind the rows in the path. */
type Part =
  | { readonly kind: 'rows' }
  | { readonly kind: 'count' }
  | { readonly kind: 'column'; readonly column: EdmField; readonly raw: boolean };

function partOf(operation: Operation, isRow: boolean, rest: readonly string[]): Part {
  const [first, second, ...more] = rest;
  if (first === undefined) return { kind: 'rows' };
  if (first === '$ref' || second === '$ref') refuse('odata.not_supported', '$ref is not supported', 'path');
  if (first === '$count' && second === undefined) {
    if (isRow) refuse('odata.not_found', 'One row has no $count', 'path');
    return { kind: 'count' };
  }
  const column = operation.columns.find(({ name }) => name === first);
  if (!column || !isRow || more.length || (second !== undefined && second !== '$value'))
    refuse('odata.not_found', `There is nothing at ${shown(rest.join('/'))} of ${operation.name}`, 'path');
  if (second === '$value' && column.collection)
    refuse('odata.not_found', `${column.name} is a list and has no $value`, 'path');
  return { kind: 'column', column, raw: second === '$value' };
}

function readKey(operation: Operation, group: ReadonlyMap<string, PathValue>): ReadonlyMap<string, Value> {
  const [only] = operation.key;
  const key = new Map<string, Value>();
  for (const [name, given] of group) {
    const column =
      name === '' && operation.key.length === 1 ? only : operation.key.find((field) => field.name === name);
    if (!column)
      refuse('odata.unknown_column', `${shown(name) || 'One value'} is no key of ${operation.name}`, 'path');
    const value =
      given.kind === 'literal' ? valueOfLiteral(column.type, given.literal, given.text) : undefined;
    if (value === undefined || value === null)
      refuse('odata.wrong_type', `The key ${column.name} is ${column.type}`, 'path', given.at);
    key.set(column.name, value);
  }
  if (key.size !== operation.key.length)
    refuse(
      'odata.missing_parameter',
      `The key is ${operation.key.map(({ name }) => name).join(', ')}`,
      'path',
    );
  return key;
}

async function findRow(
  source: Source,
  key: ReadonlyMap<string, Value>,
  limits: FaceLimits,
): Promise<Row | undefined> {
  const { rowNumber } = source.operation;
  const number = rowNumber ? Number(key.get(rowNumber)) : undefined;
  if (number !== undefined) {
    if (number < 1) return undefined;
    const { rows } = await source.fetch(number - 1, 1);
    return rows[0];
  }
  const all: Query = {
    filter: (row) => [...key].every(([name, value]) => row[name] === value),
    order: undefined,
    skip: 0,
    top: 1,
    count: false,
    from: 0,
    pageSize: undefined,
  };
  return (await readPage(source, all, limits)).rows[0];
}

/** Options that say something of many rows, on an answer that is one. */
function refuseForOne(options: Options, what: string) {
  for (const name of ['$filter', '$orderby', '$top', '$skip', '$count', '$skiptoken'] as const)
    if (options.system.has(name))
      refuse('odata.malformed_option', `${name} is for many rows; this is ${what}`, name);
}

/** The query that a skiptoken belongs to: all of it but the token and how the answer is written. */
const queryText = ({ encodedPath, options }: Asked) =>
  JSON.stringify([
    encodedPath,
    [...options.system].filter(([name]) => name !== '$skiptoken' && name !== '$format').sort(),
    [...options.aliases].sort(),
    [...options.custom].sort(),
  ]);

const withToken = ({ root, encodedPath, encodedQuery }: Asked, token: string) => {
  const kept = encodedQuery.split('&').filter((part) => part && !/^(?:\$|%24)skiptoken=/i.test(part));
  return `${root}/${encodedPath}?${[...kept, `$skiptoken=${token}`].join('&')}`;
};

/** A request of an operation, by its function, its table or one of its actions. */
export async function answerCall(settings: CallSettings, asked: Asked): Promise<FaceAnswer> {
  const { model, limits, paging } = settings;
  const { request, path, options } = asked;
  const { name, groups } = path.first ?? { name: '', groups: [] };
  const isPost = request.method === 'POST';
  const batch = isPost ? model.byBatch.get(name) : undefined;
  const operation = batch ?? (isPost ? model.byAction : model.byFunction).get(name);
  if (!operation) {
    const other = isPost ? model.byFunction.get(name) : (model.byAction.get(name) ?? model.byBatch.get(name));
    if (other)
      refuse(
        'odata.method_not_allowed',
        `${name} is ${isPost ? 'read with GET' : 'asked with POST'}`,
        'path',
      );
    refuse(
      'odata.not_found',
      `There is no ${shown(name)} here; there are ${shown([...model.byFunction.keys(), ...model.byAction.keys()].join(', '), 300)}`,
      'path',
    );
  }

  const [first, second] = groups;
  if (isPost && first) refuse('odata.malformed_url', 'An action has no values in its address', 'path');
  // Parentheses after a table are a key; after a function they are values, and a second pair is a key.
  const keyed = operation.isTable && first?.size ? first : second;
  if (operation.isTable && second) refuse('odata.malformed_url', 'There is one key', 'path');
  if (keyed && !operation.collection)
    refuse('odata.malformed_url', `${name} answers one row and has no key`, 'path');
  const isMany = batch !== undefined || (operation.collection && !keyed);
  const part = partOf(operation, !isMany, path.rest);
  const key = keyed && readKey(operation, keyed);

  const columns = new Map(operation.columns.map((column) => [column.name, column]));
  if (!isMany) refuseForOne(options, part.kind === 'column' ? 'one value' : 'one row');
  const select = options.system.get('$select');
  const filter = options.system.get('$filter');
  const order = options.system.get('$orderby');
  const token = options.system.get('$skiptoken');
  const selected = select === undefined ? undefined : compileSelect(select, columns);
  const query: Query = {
    filter: filter === undefined ? undefined : compileFilter(filter, columns, options.aliases),
    order: order === undefined ? undefined : compileOrder(order, columns),
    skip: wholeNumber(options, '$skip') ?? 0,
    top: wholeNumber(options, '$top') ?? Number.POSITIVE_INFINITY,
    count: truth(options, '$count'),
    from: token === undefined ? 0 : paging.read(queryText(asked), token),
    pageSize: undefined,
  };
  if (isPost && token !== undefined) refuse('odata.skiptoken', 'Actions answer all their rows', '$skiptoken');
  const format: Format = negotiate(
    // A value or a number is plain text whatever is accepted: clients send the same Accept for everything.
    part.kind === 'count' || (part.kind === 'column' && part.raw) ? null : request.headers.get('Accept'),
    options.system.get('$format'),
    'data',
  );

  const body = isPost ? await readBody(request, limits.bodyBytesMax) : undefined;
  const sets = isPost ? batchArguments(operation, body) : undefined;
  if (batch && !sets)
    refuse('odata.malformed_body', 'The body is {"rows":[…]}, one object for each set of values', 'rows');
  const args = sets
    ? {}
    : isPost
      ? bodyArguments(operation, body)
      : functionArguments(operation, operation.isTable ? new Map() : (first ?? new Map()), options);
  const headers = { ...versionHeader, 'Content-Type': contentType(format) };
  // HEAD says what GET would be written as; nothing is asked of the service, so nothing is counted.
  if (request.method === 'HEAD')
    return { response: new Response(null, { status: 200, headers }), records: 0 };

  const source = newSource(operation, settings.execute, { args, batch: sets, signal: request.signal });
  const done = (body: string | null, status: number, records: number, more: Record<string, string> = {}) => ({
    response: new Response(body, { status, headers: { ...headers, ...more } }),
    records,
    operation: operation.name,
  });
  const plain = { 'Content-Type': 'text/plain;charset=utf-8' };
  const writing: Writing = { model, root: asked.root, format, operation, selected };

  if (part.kind === 'count') {
    const all = { ...query, order: undefined, skip: 0, top: Number.POSITIVE_INFINITY, count: true, from: 0 };
    const { count } = await readPage(source, all, limits);
    return done(String(count), 200, 0, plain);
  }
  if (isMany || sets) {
    const preferred = preferredPageSize(request.headers);
    const pageSize = Math.min(preferred ?? limits.pageSize, limits.pageSizeMax);
    const page = await readPage(source, { ...query, pageSize: isPost ? undefined : pageSize }, limits);
    const nextLink =
      page.next === undefined ? undefined : withToken(asked, paging.write(queryText(asked), page.next));
    return done(
      writeRows(writing, page.rows, { count: page.count, nextLink }),
      200,
      page.rows.length,
      preferred && !isPost ? { 'Preference-Applied': `odata.maxpagesize=${pageSize}` } : {},
    );
  }
  const row = key ? await findRow(source, key, limits) : (await source.fetch(0, 1)).rows[0];
  if (!row) {
    if (key) refuse('odata.not_found', `${operation.name} has no row of this key`, 'path');
    return { ...done(null, 204, 0), response: new Response(null, { status: 204, headers: versionHeader }) };
  }
  if (part.kind === 'rows') return done(writeRow(writing, row), 200, 1);
  const value = row[part.column.name] as Value;
  if (value === null)
    return { ...done(null, 204, 1), response: new Response(null, { status: 204, headers: versionHeader }) };
  return part.raw
    ? done(plainText(value), 200, 1, plain)
    : done(writeColumn(writing, part.column, row), 200, 1);
}
