import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorBody, Finding } from '@souk/contract';
import type { Route } from '../../server/src/platform/http.ts';
import { type Credentials, inhabitedMarket } from './market.ts';
import { type Example, examples } from './routes.examples.ts';

/** Every route that compose makes, as it makes it, over a real database, with a right request for each. */
export const market = await inhabitedMarket();
export const { routes } = market.souk;
const { app } = market.souk;
export const known: Readonly<Record<string, Example>> = examples(market);
export const exampleOf = (id: string): Example => known[id] ?? assert.fail(`no example of ${id}`);

interface Sent {
  readonly as?: Credentials;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly payload?: string | Buffer | object | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(
  { operation: o }: Route,
  { as = {}, params = {}, query = {}, payload, headers = {} }: Sent,
) {
  const path = o.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams(Object.entries(query).map(([k, v]): [string, string] => [k, String(v)]));
  const answer = await app.inject({
    method: o.method,
    url: `${path}?${search}`,
    headers: { ...as, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  const { error } = (
    answer.headers['content-type']?.toString().startsWith('application/json') && answer.body
      ? answer.json()
      : {}
  ) as Partial<ErrorBody>;
  return { status: answer.statusCode, body: answer.body, error, headers: answer.headers };
}
export type Answer = Awaited<ReturnType<typeof send>>;

/** The example as it stands, with what a case changes about it. */
export function sendExample(r: Route, change: Sent = {}) {
  const e = exampleOf(r.operation.id);
  const type = r.operation.bodyType ? { 'content-type': r.operation.bodyType } : {};
  return send(r, {
    as: e.as,
    params: e.params as Record<string, unknown>,
    query: (e.query ?? {}) as Record<string, unknown>,
    payload: e.bytes ? Buffer.from(e.bytes) : (e.body as object | undefined),
    ...change,
    headers: { ...type, ...change.headers },
  });
}

export const refusal = (a: Answer) => [a.status, a.error?.code];
export const pointers = (a: Answer) => (a.error?.findings ?? []).map((f: Finding) => f.pointer);

/** Runs a case on each of the routes and says of all at once which of them broke the promise. */
export function every(promise: string, list: readonly Route[], run: (r: Route) => Promise<void>) {
  test(promise, async () => {
    assert.ok(list.length > 0, 'no route to look at');
    const broken: string[] = [];
    for (const r of list)
      await run(r).catch((e: Error) => broken.push(`${r.operation.id}: ${e.message.slice(0, 600)}`));
    assert.equal(broken.length, 0, broken.join('\n'));
  });
}
