import { instanceDimension, type RunningThing } from '@souk/contract';
import { exactSum } from '../../platform/money.ts';
import type { OpenRun } from './instances.sql.ts';
import type { Work, WorkKind } from './instances.ts';

/** A subscription with the prices that hold now. */
export interface PricedSubscription {
  readonly id: string;
  readonly title: string;
  readonly currency: string;
  readonly parts: readonly { readonly dimension: string; readonly pricePerUnit: string }[];
}

export interface HourPrice {
  readonly pricePerHour: string;
  readonly currency: string;
}

type PerHour = RunningThing['perHour'];

/** What things cost an hour together, by currency. Exact: nothing is rounded before the invoice. */
export function together(costs: readonly { currency: string; amount: string }[]): PerHour {
  return [...Map.groupBy(costs, (c) => c.currency)]
    .map(([currency, own]) => ({ currency, amount: exactSum(own.map((c) => [1, c.amount])) }))
    .toSorted((a, b) => a.currency.localeCompare(b.currency));
}

/**
 * What an account has running: what its domains know of, with the instances that give signs of life; and instances of which no
 * domain knows anything, so that nothing bills unseen.
 */
export function runningThings(
  works: readonly (Work & { readonly kind: WorkKind })[],
  runs: readonly OpenRun[],
  subscriptions: ReadonlyMap<string, PricedSubscription>,
  infrastructure: ReadonlyMap<string, HourPrice>,
): RunningThing[] {
  const runsOf = Map.groupBy(runs, (r) => keyOf(r.kind, r.resourceId));
  const known = new Set(works.map((w) => keyOf(w.kind, w.id)));
  const unseen = [...runsOf].flatMap(([key, [run]]) =>
    known.has(key) || !run
      ? []
      : [
          {
            kind: run.kind,
            id: run.resourceId,
            name: run.resourceName,
            state: 'unseen',
            subscriptionId: run.subscriptionId,
          },
        ],
  );
  return [...works, ...unseen].map((work: Work & { kind: WorkKind }) => {
    const subscription = subscriptions.get(work.subscriptionId);
    const instances = (runsOf.get(keyOf(work.kind, work.id)) ?? []).map((run) => ({
      use: run.use,
      instanceType: run.instanceType,
      instances: run.instances,
      since: run.begunAt.toISOString(),
      software: {
        pricePerHour:
          subscription?.parts.find((p) => p.dimension === instanceDimension(run.use, run.instanceType))
            ?.pricePerUnit ?? '0',
        currency: subscription?.currency ?? 'USD',
      },
      infrastructure: infrastructure.get(run.instanceType) ?? null,
    }));
    return {
      kind: work.kind,
      id: work.id,
      name: work.name,
      state: work.state,
      version: work.version ?? null,
      page: work.page ?? null,
      subscriptionId: work.subscriptionId,
      productTitle: subscription?.title ?? '',
      instances,
      perHour: together(
        instances.flatMap((i) =>
          [i.software, ...(i.infrastructure ? [i.infrastructure] : [])].map((price) => ({
            currency: price.currency,
            amount: exactSum([[i.instances, price.pricePerHour]]),
          })),
        ),
      ),
    };
  });
}

const keyOf = (kind: string, id: string) => `${kind} ${id}`;
