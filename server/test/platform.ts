import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Role } from '@souk/contract';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { placeOf } from '../src/domains/access/index.ts';
import { type Caller, type Member, newAuthorizer, visitor } from '../src/platform/authorize.ts';
import { localBlobs } from '../src/platform/blobs.ts';
import { systemClock } from '../src/platform/clock.ts';
import { folders, readConfig } from '../src/platform/config.ts';
import { type Db, sql } from '../src/platform/db.ts';
import { newEvents } from '../src/platform/events.ts';
import type { Route } from '../src/platform/http.ts';
import { newAccountId } from '../src/platform/ids.ts';
import { newLog } from '../src/platform/log.ts';
import { newMetrics } from '../src/platform/metrics.ts';
import { openNotifications } from '../src/platform/notify.ts';
import type { Platform } from '../src/platform/platform.ts';
import { newSealer, ownKeys } from '../src/platform/seal.ts';
import { buildServer } from '../src/platform/server.ts';

/** What compose gives to a domain, over a test's own database and data folder: every part is the real one. */
export function testPlatform(
  database: { readonly db: Db; readonly url: string },
  environment: Readonly<Record<string, string>> = {},
): Platform {
  const dataDir = mkdtempSync(join(tmpdir(), 'souk-data-'));
  const config = readConfig({ SOUK_DATA: dataDir, ...environment });
  const log = newLog('test', 'fatal');
  const notifications = openNotifications(database.url, log);
  const keys = ownKeys(dataDir, undefined);
  after(async () => {
    await notifications.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    config,
    db: database.db,
    clock: systemClock,
    log,
    events: newEvents(),
    blobs: localBlobs(folders(dataDir).blobs),
    accountFiles: localBlobs(folders(dataDir).files),
    imageParts: localBlobs(folders(dataDir).images),
    notifications,
    authorizer: newAuthorizer(),
    sealer: newSealer(keys.seal),
    keys,
    metrics: newMetrics(),
  };
}

/** A new account and one of its members, as authentication would find them. */
export async function testMember(db: Db, roles: readonly Role[] = ['admin']): Promise<Member> {
  const accountId = newAccountId();
  await sql`insert into accounts (id, name) values (${accountId}, ${`Account ${accountId}`})`.execute(db);
  return {
    kind: 'member',
    personId: `person-${accountId}`,
    email: `${accountId}@example.com`,
    accountId,
    roles,
    via: 'key',
    scopes: ['manage'],
    keyId: null,
    limit: null,
    withheld: [],
  };
}

export type Sent = Awaited<ReturnType<FastifyInstance['inject']>>;
export type Send = (caller: Caller, options: InjectOptions) => Promise<Sent>;

/** The one server over the routes given. Who calls is said with each request instead of being found by a credential. */
export function testServer(
  platform: Platform,
  routes: readonly Route[],
): { app: FastifyInstance; send: Send; listen: () => Promise<string> } {
  const callers = new Map<string, Caller>();
  const app = buildServer({
    routes,
    authorizer: platform.authorizer,
    placeOf: (caller, named) => placeOf(platform.db, caller, named),
    authenticate: async ({ headers }) => callers.get(String(headers['x-test-caller'])) ?? visitor,
    log: platform.log,
    metrics: platform.metrics,
    bodySizeBytesMax: 1024 * 1024,
    origins: [],
    checkAnswers: true,
  });
  after(() => app.close());
  const known = (caller: Caller) => {
    const key = `${caller.accountId}/${caller.personId}`;
    callers.set(key, caller);
    return { 'x-test-caller': key };
  };
  return {
    app,
    send: async (caller, options) =>
      app.inject({ ...options, headers: { ...known(caller), ...options.headers } }),
    listen: () => app.listen({ port: 0, host: '127.0.0.1' }),
  };
}
