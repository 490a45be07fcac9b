import { randomBytes } from 'node:crypto';
import { endpointBucketsMs as bounds } from '@souk/contract';
import type { InFlightRow, TrafficRow } from './endpoints.sql.ts';

export interface EndpointReport {
  answered(endpointId: string, status: number, ms: number): void;
  /** Tells the database what there is; what it does not take is told again. */
  flush(): Promise<void>;
}

/** Of endpoints and minutes, while the database is away. */
const rowsMax = 5000;

/** Calls of endpoints by minute, and what is under way: for charts and scaling. Nothing here is billed. */
export function newEndpointReport(
  nodeName: string,
  inFlight: () => InFlightRow[],
  write: (gateway: string, traffic: readonly TrafficRow[], inFlight: readonly InFlightRow[]) => Promise<void>,
  warn: (message: string) => void,
): EndpointReport {
  // Of this process: what an earlier one had under way ended with it.
  const gateway = `${nodeName}.${randomBytes(4).toString('hex')}`;
  let rows = new Map<string, TrafficRow>();
  let told = 0;
  let writing = false;

  function add(into: Map<string, TrafficRow>, r: TrafficRow) {
    const key = `${r.endpoint_id}\t${r.minute}`;
    const sum = into.get(key);
    if (!sum) {
      if (into.size < rowsMax) into.set(key, r);
      return;
    }
    sum.calls += r.calls;
    sum.client_errors += r.client_errors;
    sum.server_errors += r.server_errors;
    sum.duration_ms += r.duration_ms;
    for (const [i, n] of r.buckets.entries()) sum.buckets[i] = (sum.buckets[i] ?? 0) + n;
  }

  return {
    answered(endpointId, status, ms) {
      const buckets = new Array<number>(bounds.length + 1).fill(0);
      let bucket = 0;
      while (ms > (bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
      buckets[bucket] = 1;
      add(rows, {
        endpoint_id: endpointId,
        minute: new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString(),
        calls: 1,
        client_errors: status >= 400 && status < 500 ? 1 : 0,
        server_errors: status >= 500 ? 1 : 0,
        duration_ms: ms,
        buckets,
      });
    },
    async flush() {
      const now = inFlight();
      // That nothing is under way any more is told once.
      if (writing || (rows.size === 0 && now.length === 0 && told === 0)) return;
      const sent = rows;
      rows = new Map();
      writing = true;
      try {
        await write(gateway, [...sent.values()], now);
        told = now.length;
      } catch (error) {
        for (const r of sent.values()) add(rows, r);
        warn(`calls of endpoints could not be reported yet: ${(error as Error).message}`);
      } finally {
        writing = false;
      }
    },
  };
}
