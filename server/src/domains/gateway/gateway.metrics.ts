import type { Sync } from './gateway.sync.ts';

/** What is measured apart; remembered by the object itself. */
export type Measured = { readonly version: string };

export interface GatewayMetrics {
  answered(product: string, route: Measured, status: number, ms: number): void;
  /** Refused by the gateway or not answered by a model, by error code. */
  refused(code: string): void;
  text(): string;
}

interface Series {
  readonly labels: string;
  readonly counts: Float64Array;
  readonly statuses: Map<number, number>;
  sumMs: number;
}

const bucketsMs = [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000, 30_000, 60_000];
/** A label set for each deployment, up to so many: what comes after shares one. */
const seriesMax = 2000;

/** Counted by hand: a histogram of the usual library costs more per call than all of the call's other bookkeeping. */
export function newGatewayMetrics(sync: Sync): GatewayMetrics {
  const refused = new Map<string, number>();
  const all = new Map<string, Series>();
  const byRoute = new WeakMap<Measured, Series>();

  function seriesOf(product: string, route: Measured): Series {
    const name = `${product}@${route.version}`;
    const key = all.size < seriesMax || all.has(name) ? name : 'other@';
    const at = key.lastIndexOf('@');
    const labels = `product="${key.slice(0, at)}",version="${key.slice(at + 1)}"`;
    const series = all.get(key) ?? {
      labels,
      counts: new Float64Array(bucketsMs.length + 1),
      statuses: new Map<number, number>(),
      sumMs: 0,
    };
    all.set(key, series);
    byRoute.set(route, series);
    return series;
  }

  return {
    answered(product, route, status, ms) {
      const series = byRoute.get(route) ?? seriesOf(product, route);
      let bucket = 0;
      while (ms > (bucketsMs[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
      series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
      series.sumMs += ms;
      series.statuses.set(status, (series.statuses.get(status) ?? 0) + 1);
    },
    refused: (code) => void refused.set(code, (refused.get(code) ?? 0) + 1),
    text() {
      const lines: string[] = [];
      const family = (name: string, type: string, help: string) =>
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      family('souk_gateway_calls_total', 'counter', 'Calls answered by models');
      for (const s of all.values())
        for (const [status, n] of s.statuses)
          lines.push(`souk_gateway_calls_total{${s.labels},status="${status}"} ${n}`);
      family('souk_gateway_refused_total', 'counter', 'Calls answered with an error of the gateway');
      for (const [code, n] of refused) lines.push(`souk_gateway_refused_total{code="${code}"} ${n}`);
      family('souk_gateway_call_duration_seconds', 'histogram', 'Duration of calls');
      for (const s of all.values()) lines.push(...histogram(s));
      family('souk_gateway_usage_backlog', 'gauge', 'Usage files that wait for the database');
      lines.push(`souk_gateway_usage_backlog ${sync.usage.backlog}`);
      family('souk_gateway_snapshot_age_seconds', 'gauge', 'Since the snapshot was last known to be right');
      const freshAt = sync.freshAt();
      lines.push(
        `souk_gateway_snapshot_age_seconds ${freshAt === null ? 'NaN' : (Date.now() - freshAt) / 1000}`,
      );
      return `${lines.join('\n')}\n`;
    },
  };
}

function histogram(s: Series): string[] {
  const name = 'souk_gateway_call_duration_seconds';
  let count = 0;
  const lines = [...s.counts].map((n, i) => {
    count += n;
    const le = i < bucketsMs.length ? String((bucketsMs[i] ?? 0) / 1000) : '+Inf';
    return `${name}_bucket{${s.labels},le="${le}"} ${count}`;
  });
  return [...lines, `${name}_sum{${s.labels}} ${s.sumMs / 1000}`, `${name}_count{${s.labels}} ${count}`];
}
