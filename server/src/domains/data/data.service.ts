import type { MyData, ServiceHealth, ServiceHealthDetails } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import * as store from './data.sql.ts';

/** Data services as buyers have them, and how well they work. */
export function newData({ db, clock, config }: Pick<Platform, 'db' | 'clock' | 'config'>) {
  async function health(productIds: readonly string[]): Promise<Map<string, store.HealthRow>> {
    const found = await store.healthOf(db, productIds, clock.now());
    return new Map(found.map((one) => [one.productId, one]));
  }

  return {
    async mine(member: Member): Promise<{ items: MyData[] }> {
      const found = await store.myData(db, member.accountId);
      const known = await health(found.map((one) => one.productId));
      return {
        items: found.map((one) => ({
          subscriptionId: one.subscriptionId,
          publisher: one.publisher,
          product: one.product,
          title: one.title,
          plan: one.plan,
          state: one.state,
          reason: one.reason,
          serviceRoot: `${config.publicUrl}/data/${one.publisher}/${one.product}/v1/`,
          balance:
            one.limit === null || !one.resetsAt
              ? null
              : {
                  limit: one.limit,
                  used: one.used,
                  remaining: Math.max(0, one.limit - one.used),
                  resetsAt: one.resetsAt.toISOString(),
                },
          health: shown(known.get(one.productId)),
        })),
      };
    },

    /** Whoever asks has been found to see the product. */
    async ofProduct(publisher: string, product: string): Promise<{ health: ServiceHealth | null }> {
      const found = await store.liveProductId(db, publisher, product);
      return { health: found ? shown((await health([found.id])).get(found.id)) : null };
    },

    async own(member: Member, productId: string): Promise<ServiceHealthDetails> {
      if (!(await store.ownsProduct(db, member.accountId, productId)))
        fail('product.missing', { product: productId });
      const [known, checks, failures] = await Promise.all([
        health([productId]),
        store.lastChecks(db, productId),
        store.failuresOf(db, productId, clock.now()),
      ]);
      return {
        health: shown(known.get(productId)),
        error: known.get(productId)?.error ?? null,
        checks: checks.map((c) => ({ ...c, at: c.at.toISOString() })),
        failures: failures.map((f) => ({ ...f, lastAt: f.lastAt.toISOString() })),
      };
    },
  };
}
export type Data = ReturnType<typeof newData>;

function shown(h: store.HealthRow | undefined): ServiceHealth | null {
  if (!h) return null;
  return {
    state: h.state,
    since: h.since?.toISOString() ?? null,
    checkedAt: h.checkedAt?.toISOString() ?? null,
    everyMinutes: h.everyMinutes,
    uptime24h: h.uptime24h,
    uptime30d: h.uptime30d,
    latencyMs: h.latencyMs === null ? null : Math.round(h.latencyMs),
  };
}
