import {
  type ConnectionTest,
  credentialProblem,
  type ProductDocument,
  type ServiceAuthentication,
  type ServiceCredential,
  type ServiceImport,
  type ServiceSection,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { type Limit, newLimiter } from '../../platform/limiter.ts';
import type { Lookup } from '../../platform/outbound.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import type { ConnectionOptions } from './services.connection.ask.ts';
import { type Connection, testConnection } from './services.connection.ts';
import { readDescription } from './services.import.ts';
import { serviceOutbound } from './services.outbound.ts';
import * as store from './services.sql.ts';
import { type ServiceTrial, tryService } from './services.trial.ts';

export interface ServiceNeeds {
  /** The account’s product with its draft, locked until the transaction ends. */
  lockedProduct(tx: Tx, accountId: string, productId: string): Promise<ServiceProduct | undefined>;
  product(accountId: string, productId: string): Promise<ServiceProduct | undefined>;
  /** Saves the draft over the version that was read. */
  saveDraft(tx: Tx, product: ServiceProduct, draft: ProductDocument, by: string): Promise<void>;
}
export interface ServiceProduct {
  readonly id: string;
  readonly slug: string;
  readonly type: string;
  readonly draft: ProductDocument;
  readonly draftVersion: number;
}

export type Services = ReturnType<typeof newServices>;

/** Enough for whoever mends a description step by step; each is a handful of calls to an address that the caller chose. */
const tests: Limit = { name: 'connection-tests', attempts: 60, periodMs: 3_600_000 };

/** Where the secret goes: for another place it is another secret, and may have characters that the first cannot carry. */
function placeOf({ scheme, headerName, parameterName, userName }: ServiceAuthentication): string {
  if (scheme === 'query') return `query ${parameterName}`;
  if (scheme === 'basic') return `basic ${userName}`;
  return `${scheme} ${(headerName ?? 'authorization').toLowerCase()}`;
}

export function newServices(platform: Platform, needs: ServiceNeeds, lookup?: Lookup) {
  const { db, sealer, config, clock } = platform;
  const outbound = serviceOutbound(config, lookup);
  const limiter = newLimiter(() => clock.now().getTime());
  const sealedFor = (id: string) => `service_credentials:${id}`;

  const service = <P extends ServiceProduct>(p: P | undefined, id: string): P => {
    if (!p) return fail('product.missing', { product: id });
    if (p.type !== 'web-service') fail('service.not_a_service', { product: p.slug });
    return p;
  };

  async function putCredential(
    caller: Member,
    id: string,
    { secret, draftOnly = false }: { secret: string; draftOnly?: boolean },
  ): Promise<ServiceCredential> {
    return inTx(db, async (tx) => {
      const p = service(await needs.lockedProduct(tx, caller.accountId, id), id);
      const { url, authentication } = p.draft.service ?? {};
      if (!url || !URL.canParse(url)) return fail('service.url_needed', { product: p.slug });
      if (!authentication || authentication.scheme === 'none')
        return fail('service.scheme_needed', { product: p.slug });
      const problem = credentialProblem(authentication.scheme, secret);
      if (problem) fail('service.credential_invalid', { problem });
      const { origin } = new URL(url);
      const before = authentication.credentialId
        ? await store.findCredential(tx, id, authentication.credentialId)
        : undefined;
      // A key that is changed works at once, in what is live too; for another server or another place it is another credential.
      const isTheSame = async (kept: string) =>
        (await store.waysIn(tx, id, kept)).every((way) => placeOf(way) === placeOf(authentication));
      const credentialId =
        !draftOnly && before?.origin === origin && (await isTheSame(before.id)) ? before.id : newId('scr');
      await store.putCredential(tx, {
        id: credentialId,
        productId: id,
        sealed: sealer.seal(secret, sealedFor(credentialId)),
        origin,
        by: caller.email,
      });
      await store.removeUnnamed(tx, id, credentialId);
      const named = authentication.credentialId === credentialId;
      if (!named)
        await needs.saveDraft(
          tx,
          p,
          {
            ...p.draft,
            service: { ...p.draft.service, authentication: { ...authentication, credentialId } },
          },
          caller.email,
        );
      await audit(tx, caller, 'service.credential-given', id, { credentialId, origin, draftOnly });
      return {
        credentialId,
        origin,
        madeAt: clock.now().toISOString(),
        madeBy: caller.email,
        draftVersion: p.draftVersion + (named ? 0 : 1),
      };
    });
  }

  /** Opened for a call; or why there is none to send. */
  async function credentialOf(
    productId: string,
    { authentication: a, url = '' }: ServiceSection,
  ): Promise<Pick<ConnectionOptions, 'credential' | 'credentialProblem'> & { madeAt: Date | null }> {
    if (!a || a.scheme === 'none') return { credential: null, madeAt: null };
    const found = a.credentialId ? await store.findCredential(db, productId, a.credentialId) : undefined;
    const remedy = 'Give it under Service, or with `souk services credential`.';
    if (!found)
      return {
        credential: null,
        madeAt: null,
        credentialProblem: { message: 'No credential was given for this product.', remedy },
      };
    if (!URL.canParse(url) || new URL(url).origin !== found.origin)
      return {
        credential: null,
        madeAt: null,
        credentialProblem: {
          message: `The credential was given for ${found.origin}, and is sent nowhere else.`,
          remedy: 'Give it again for the server of the service URL.',
        },
      };
    return { credential: sealer.open(found.sealed, sealedFor(found.id)), madeAt: found.madeAt };
  }

  async function connect(
    productId: string,
    section: ServiceSection,
    signal?: AbortSignal,
  ): Promise<Connection> {
    const { credential, credentialProblem } = await credentialOf(productId, section);
    return testConnection(section, { outbound, signal, credential, credentialProblem, tryWithout: true });
  }

  return {
    putCredential,
    credentialOf,

    async test(caller: Member, id: string): Promise<ConnectionTest> {
      const p = service(await needs.product(caller.accountId, id), id);
      const seconds = limiter.take(tests, caller.accountId);
      if (seconds > 0) fail('request.limited', { seconds });
      const { ok, steps, findings, operations, rows } = await connect(id, p.draft.service ?? {});
      return {
        ok,
        steps,
        findings,
        operations: operations.map((o) => o.name),
        rows,
        testedAt: clock.now().toISOString(),
      };
    },

    async import(caller: Member, id: string, text: string): Promise<ServiceImport> {
      service(await needs.product(caller.accountId, id), id);
      return readDescription(text);
    },

    // For the stages of the pipeline.
    connect,
    /** For the watch over live services: without what only a publisher at work is told. */
    async reach(productId: string, section: ServiceSection, signal: AbortSignal): Promise<Connection> {
      return testConnection(section, { outbound, signal, ...(await credentialOf(productId, section)) });
    },
    async tryOut(productId: string, section: ServiceSection, signal: AbortSignal): Promise<ServiceTrial> {
      return tryService(section, { outbound, signal, ...(await credentialOf(productId, section)) }, clock);
    },
  };
}
