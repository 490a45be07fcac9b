import {
  endpointBucketsMs as bounds,
  type Endpoint,
  type EndpointTraffic,
  type EndpointVariant,
} from '@souk/contract';
import type { EndpointRow, InstanceRow, VariantRow } from './endpoints.ts';

interface Parts {
  readonly variants: readonly VariantRow[];
  readonly instances: readonly (InstanceRow & { readonly calls: number })[];
  readonly load: number;
  readonly coldStarts: readonly { readonly at: Date; readonly durationMs: number }[];
  readonly publicUrl: string;
}

export function endpointView(e: EndpointRow, parts: Parts): Endpoint {
  const variant = (number: number | null) => {
    const found = parts.variants.find((v) => v.number === number);
    return found ? variantView(found) : null;
  };
  const types = new Map(parts.variants.map((v) => [v.number, v.instanceType]));
  const own = parts.instances.filter((i) => i.variant === e.serving);
  return {
    id: e.id,
    name: e.name,
    state: e.state,
    reason: e.stoppedReason ?? e.reason,
    asleep: e.asleep,
    serving: variant(e.serving),
    coming: variant(e.coming),
    settings: e.settings,
    instancesReady: own.filter((i) => i.state === 'ready' && i.desired === 'running').length,
    instancesWanted: e.serving === null ? (e.comingSettings ?? e.settings).instancesMin : e.target,
    callsUnderWay: parts.load,
    createdBy: e.createdBy,
    createdAt: e.createdAt.toISOString(),
    updatedAt: e.updatedAt.toISOString(),
    url: `${parts.publicUrl}/endpoints/${e.name}/invocations`,
    instances: parts.instances.map((i) => ({
      id: i.id,
      variant: i.variant,
      instanceType: types.get(i.variant) ?? '',
      state: i.desired === 'stopped' ? 'draining' : i.state,
      restarts: i.restarts,
      failure: i.failure,
      node: i.node,
      calls: i.calls,
      createdAt: i.createdAt.toISOString(),
      readyAt: i.readyAt?.toISOString() ?? null,
    })),
    coldStarts: parts.coldStarts.map((c) => ({
      at: c.at.toISOString(),
      durationMs: Math.round(c.durationMs),
    })),
  };
}

const variantView = (v: VariantRow): EndpointVariant => ({
  number: v.number,
  name: v.name,
  subscriptionId: v.subscriptionId,
  version: v.version,
  modelPackage: v.modelPackage,
  kind: v.servable.kind,
  instanceType: v.instanceType,
  environment: { ...v.environment },
  createdBy: v.createdBy,
  createdAt: v.createdAt.toISOString(),
});

interface Minute {
  readonly minute: Date;
  readonly calls: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
  readonly durationMs: number;
  readonly buckets: readonly number[];
}

/** Every minute of the window, also those without a call. */
export function trafficView(found: readonly Minute[], since: Date, minutes: number): EndpointTraffic {
  const byMinute = new Map(found.map((m) => [m.minute.getTime(), m]));
  const none = Array.from({ length: bounds.length + 1 }, () => 0);
  return {
    bucketsMs: [...bounds],
    minutes: Array.from({ length: minutes }, (_, n) => {
      const at = since.getTime() + n * 60_000;
      const m = byMinute.get(at);
      const buckets = m ? [...m.buckets] : none;
      return {
        at: new Date(at).toISOString(),
        calls: m?.calls ?? 0,
        clientErrors: m?.clientErrors ?? 0,
        serverErrors: m?.serverErrors ?? 0,
        meanMs: m && m.calls > 0 ? m.durationMs / m.calls : null,
        p50Ms: quantile(buckets, 0.5),
        p99Ms: quantile(buckets, 0.99),
        buckets,
      };
    }),
  };
}

/** The bound of the bucket in which the quantile lies, evenly spread within it; null without calls. */
export function quantile(buckets: readonly number[], q: number): number | null {
  const total = buckets.reduce((n, b) => n + b, 0);
  if (total === 0) return null;
  let before = 0;
  for (const [index, count] of buckets.entries()) {
    if (before + count >= q * total) {
      const low = index === 0 ? 0 : (bounds[index - 1] ?? 0);
      const high = bounds[index] ?? low;
      return low + ((high - low) * (q * total - before)) / Math.max(1, count);
    }
    before += count;
  }
  return bounds.at(-1) ?? null;
}
