import { createHmac } from 'node:crypto';
import type { Policies } from '@souk/contract';
import type { Caller } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { networkOf } from '../../platform/limiter.ts';
import type { Platform } from '../../platform/platform.ts';
import type { CatalogPages } from './catalog.page.ts';
import * as store from './catalog.tries.sql.ts';
import type { Slot } from './catalog.ts';

export type CatalogTries = ReturnType<typeof newCatalogTries>;

export interface TryCall {
  readonly productId: string;
  readonly version: string;
  readonly path: string;
  readonly contentType: string;
  readonly accept?: string;
  readonly body: string;
  readonly timeoutMs: number;
}

export interface TryNeeds {
  readonly policies: () => Promise<Policies>;
  /** Calls the deployment itself, past the gateway; null when nothing of it runs. Times out by throwing. */
  callDeployment(
    call: TryCall,
  ): Promise<{ status: number; contentType: string; body: string; durationMs: number } | null>;
}

export interface TryInput {
  readonly version?: string;
  readonly contentType: string;
  readonly accept?: string;
  readonly body: string;
}

const inputBytesMax = 200_000;
const answerCharsMax = 1_000_000;
const tryTimeoutMs = 30_000;

/** Runs an input on the product page. Tries go past the gateway and its log, so they are never billed to anybody. */
export function newCatalogTries(
  { db, clock, keys }: Pick<Platform, 'db' | 'clock' | 'keys'>,
  pages: CatalogPages,
  needs: TryNeeds,
) {
  /** Visitors are told apart by their network's keyed hash of the day: no address is stored, and tomorrow's hash is another. */
  function nameOf(caller: Caller, ip: string, day: string): { who: string; kind: 'account' | 'visitor' } {
    if (caller.accountId !== null) return { who: `account:${caller.accountId}`, kind: 'account' };
    const hash = createHmac('sha256', `tries ${day} ${keys.session}`)
      .update(networkOf(ip))
      .digest('base64url');
    return { who: `visitor:${hash}`, kind: 'visitor' };
  }

  async function run(
    caller: Caller,
    ip: string,
    at: { publisher: string; product: string; slot?: Slot | undefined },
    input: TryInput,
  ) {
    const shown = await pages.shown(caller, at.publisher, at.product, at.slot);
    const version = input.version ?? shown.latest;
    if (!shown.choosable.includes(version))
      fail('catalog.missing', { product: `${at.publisher}/${at.product} ${version}` });
    if (shown.packaged.find((p) => p.number === version)?.resource.training) fail('catalog.not_served');
    if (Buffer.byteLength(input.body) > inputBytesMax)
      fail('catalog.input_too_large', { limitBytes: inputBytesMax });
    const day = clock.now().toISOString().slice(0, 10);
    const { who, kind } = nameOf(caller, ip, day);
    const limit = (await needs.policies()).triesPerDay[kind];
    // Counted before the call: two at once cannot both be the last one.
    const count = await inTx(db, (tx) => store.take(tx, day, who, limit));
    if (count === undefined) return fail('catalog.trial_exhausted', { limit });
    const answer = await needs
      .callDeployment({
        productId: shown.productId,
        version,
        path: '/invocations',
        contentType: input.contentType,
        ...(input.accept ? { accept: input.accept } : {}),
        body: input.body,
        timeoutMs: tryTimeoutMs,
      })
      .catch(() => null);
    if (answer === null) {
      await inTx(db, (tx) => store.giveBack(tx, day, who));
      return fail('catalog.not_running');
    }
    return {
      status: answer.status,
      contentType: answer.contentType,
      body: answer.body.slice(0, answerCharsMax),
      durationMs: answer.durationMs,
      version,
      triesLeft: Math.max(0, limit - count),
    };
  }

  return {
    run,
    forgetOldDays: () => inTx(db, (tx) => store.forgetBefore(tx, clock.now().toISOString().slice(0, 10))),
  };
}
