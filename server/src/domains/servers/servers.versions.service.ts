import type { BodyOf, Finding, ModelServer, operations, ValidationProfile } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { callModel, type StartServable } from '../runtime/index.ts';
import type { Servers } from './servers.service.ts';
import { findNamed } from './servers.sql.ts';
import * as store from './servers.versions.sql.ts';

export interface ServerNeeds {
  readonly start: StartServable;
  /** How an answer differs in form from the one that was certified. */
  compareForm(
    expected: ValidationProfile['expected'],
    answer: { contentType: string; body: string },
  ): readonly Finding[];
}

type Served = BodyOf<typeof operations.serveVersion>;

const callTimeoutMs = 60_000;

/** Which versions a server serves: the operator's decision, after the server has answered as the package did. */
export function newServedVersions(platform: Platform, servers: Servers, needs: ServerNeeds) {
  const { db, clock } = platform;

  async function both(name: string, { product, version }: Served) {
    const server = (await findNamed(db, name)) ?? fail('server.missing', { name });
    const found =
      (await store.find(db, product, version)) ?? fail('server.version_missing', { product, version });
    return { server, found };
  }

  async function serve(caller: Member, name: string, given: Served): Promise<ModelServer> {
    const { product, version } = given;
    const { server, found } = await both(name, given);
    if (!server.accountIds.includes(found.accountId))
      fail('server.not_open', { name, accountId: found.accountId, product });
    const problem = await differs(server.id, found);
    if (problem !== null) fail('server.answers_otherwise', { name, product, version, problem });
    await inTx(db, async (tx) => {
      await store.serve(tx, found, { serverId: server.id, by: caller.email, at: clock.now() });
      await audit(tx, caller, 'server.serves', name, { product, version });
    });
    return servers.get(name);
  }

  async function serveHere(caller: Member, name: string, given: Served): Promise<ModelServer> {
    const { product, version } = given;
    const { server, found } = await both(name, given);
    await inTx(db, async (tx) => {
      if (!(await store.serveHere(tx, found, server.id)))
        fail('server.not_served', { name, product, version });
      await audit(tx, caller, 'server.serves-no-longer', name, { product, version });
    });
    return servers.get(name);
  }

  /** Sends the certified sample as a buyer's call would go there; answers what is wrong with what comes back. */
  async function differs(serverId: string, v: store.VersionRow): Promise<string | null> {
    const { profile, instance } = v;
    const running = await needs.start({
      name: `${v.productId} ${v.version}`,
      servable: { kind: 'remote', serverId },
      instance,
    });
    try {
      await running.ready;
      if (profile === null) return null;
      const { input, expected } = profile;
      const answer = await callModel(running.address, {
        path: '/invocations',
        contentType: input.contentType,
        accept: expected.contentType,
        body: input.body,
        timeoutMs: callTimeoutMs,
      });
      const body = answer.body.toString('utf8');
      if (answer.status !== 200) return `it answered ${answer.status}: ${body.slice(0, 500)}`;
      const [first] = needs.compareForm(expected, { contentType: answer.contentType, body });
      return first?.message ?? null;
    } catch (error) {
      return (error as Error).message;
    } finally {
      await running.stop();
    }
  }

  return { serve, serveHere };
}

export type ServedVersions = ReturnType<typeof newServedVersions>;
