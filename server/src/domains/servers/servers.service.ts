import type { BodyOf, ModelServer, OutputOf, operations } from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { inTx, type Tx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { lookAt, type RemoteServer, refusedAddress, restartServedBy } from '../runtime/index.ts';
import { opened } from './servers.open.ts';
import { authorityProblem, credentialsProblem, healthOf, shownName, view } from './servers.rules.ts';
import * as store from './servers.sql.ts';
import { type ServerRow, sealedFor } from './servers.ts';

type NewServer = BodyOf<typeof operations.createServer>;
type Changes = BodyOf<typeof operations.updateServer>;

const timeoutMsUsual = 60_000;

export type Servers = ReturnType<typeof newServers>;

export function newServers(platform: Platform) {
  const { db, config, sealer, clock, events } = platform;

  async function create(caller: Member, given: NewServer): Promise<ModelServer> {
    const { name, protocol } = given;
    if (protocol === 'inference-v2' && given.modelName === undefined) fail('server.model_name_needed');
    if (protocol === 'sagemaker' && given.modelName !== undefined) fail('server.model_name_unused');
    const id = newId('srv');
    const row = { id, name, protocol, modelName: given.modelName ?? null, ...settingsOf(id, given) };
    await checkAddress(opened(sealer, row));
    try {
      await inTx(db, async (tx) => {
        await store.insert(tx, row, caller.email);
        await openTo(tx, id, given.accountIds ?? []);
        await audit(tx, caller, 'server.registered', name, { url: row.url, protocol });
      });
    } catch (error) {
      if (violated(error) === 'model_servers_name_key') fail('server.name_taken', { name });
      throw error;
    }
    await look(id);
    return get(name);
  }

  async function update(caller: Member, name: string, given: Changes): Promise<ModelServer> {
    const before = await named(name);
    const changed = { ...before, ...settingsOf(before.id, given, before) };
    await checkAddress(opened(sealer, changed));
    await inTx(db, async (tx) => {
      const locked = (await store.lockNamed(tx, name)) ?? fail('server.missing', { name });
      await store.update(tx, locked.id, settingsOf(locked.id, given, locked));
      if (given.accountIds) await openTo(tx, locked.id, given.accountIds);
      await restartServedBy(tx, locked.id);
      await audit(tx, caller, 'server.changed', name, { changed: Object.keys(given) });
    });
    await look(before.id);
    return get(name);
  }

  async function openTo(tx: Tx, id: string, accountIds: readonly string[]) {
    const unknown = await store.setAccounts(tx, id, accountIds);
    if (unknown !== undefined) fail('server.account_unknown', { accountId: unknown });
  }

  /** What was given over what was there; credentials sealed for this server. */
  function settingsOf(id: string, given: Changes, before?: ServerRow): store.Settings {
    const { credentials, caPem } = given;
    const bad = credentials && credentialsProblem(credentials);
    if (bad) fail('server.header_invalid', { problem: bad });
    const broken = caPem ? authorityProblem(caPem) : null;
    if (broken) fail('server.certificate_invalid', { problem: broken });
    const kept = credentials ?? (before ? undefined : ({ kind: 'none' } as const));
    return {
      description: given.description ?? before?.description ?? '',
      url: given.url ?? before?.url ?? '',
      caPem: caPem === undefined ? (before?.caPem ?? null) : caPem || null,
      timeoutMs: given.timeoutMs ?? before?.timeoutMs ?? timeoutMsUsual,
      credentialsKind: kept?.kind ?? before?.credentialsKind ?? 'none',
      credentialsName: kept ? shownName(kept) : (before?.credentialsName ?? null),
      credentialsSealed: kept
        ? sealer.seal(JSON.stringify(kept), sealedFor(id))
        : (before?.credentialsSealed ?? ''),
    };
  }

  /** Refuses an address that is never called; one that does not answer now may be registered. */
  async function checkAddress(server: RemoteServer) {
    const problem = await refusedAddress(server, config.outboundAllow);
    if (problem !== null) fail('server.address_refused', { problem });
  }

  async function named(name: string): Promise<ServerRow> {
    return (await store.findNamed(db, name)) ?? fail('server.missing', { name });
  }

  async function get(name: string): Promise<ModelServer> {
    const found = await named(name);
    return view(found, await store.uses(db, found.id));
  }

  /** Asks the server how it is, outside of any transaction, and keeps what it said. */
  async function look(id: string) {
    const found = await store.find(db, id);
    if (!found) return undefined;
    const began = performance.now();
    const said = await lookAt(opened(sealer, found), config.outboundAllow);
    const health: store.Health = {
      state: said.unwell === null ? 'ok' : 'down',
      detail: said.unwell ?? '',
      latencyMs: said.unwell === null ? Math.round((performance.now() - began) * 10) / 10 : null,
      at: clock.now(),
    };
    await inTx(db, async (tx) => {
      const turned = await store.writeHealth(tx, id, health);
      // A server that was well from the beginning is no news.
      if (turned && (health.state === 'down' || found.health === 'down'))
        await events.publish(tx, {
          type: health.state === 'down' ? 'server.lost' : 'server.back',
          subject: id,
          accountId: null,
          data: { name: found.name, detail: health.detail },
        });
    });
    return said;
  }

  async function test(name: string): Promise<OutputOf<typeof operations.testServer>> {
    const { id } = await named(name);
    const said = await look(id);
    const after = await named(name);
    const { invocations = 'unknown', detail = '', inputs = [], outputs = [] } = said ?? {};
    return {
      health: healthOf(after),
      invocations,
      detail: detail || after.healthDetail,
      inputs: [...inputs],
      outputs: [...outputs],
    };
  }

  async function remove(caller: Caller, name: string): Promise<void> {
    await inTx(db, async (tx) => {
      const found = (await store.lockNamed(tx, name)) ?? fail('server.missing', { name });
      const users = await store.uses(tx, found.id);
      if (users.length > 0) fail('server.in_use', { name, users: users.join(', ') });
      await store.remove(tx, found.id);
      await audit(tx, caller, 'server.removed', name, { url: found.url });
    });
  }

  return {
    create,
    update,
    get,
    test,
    remove,
    list: async () =>
      Promise.all((await store.list(db)).map(async (s) => view(s, await store.uses(db, s.id)))),
    listOwn: async (caller: Member) =>
      (await store.listOf(db, caller.accountId)).map(
        ({ id, name, description, protocol, modelName, health }) => ({
          id,
          name,
          description,
          protocol,
          modelName,
          health,
        }),
      ),
    /** The server that this account may have its packages served by; undefined where it is not open to it. */
    openTo: async (accountId: string, name: string) =>
      (await store.listOf(db, accountId)).find((s) => s.name === name),
    /** How a server is now, for a check of a package of this account; undefined where it is not open to it. */
    async lookAtOpen(accountId: string, id: string): Promise<{ unwell: string | null } | undefined> {
      const open = (await store.listOf(db, accountId)).some((s) => s.id === id);
      const said = open ? await look(id) : undefined;
      return said && { unwell: said.unwell };
    },
    /** All, once: what a job does every minute. */
    async lookAtAll(failed: (name: string, error: unknown) => void) {
      for (const { id, name } of await store.list(db))
        await look(id).catch((error: unknown) => failed(name, error));
    },
  };
}
