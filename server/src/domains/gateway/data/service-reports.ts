import type { ServiceRecord } from './services.ts';

/** Failures of services, for their publishers: gathered here, written every few seconds, never on the path of a call. */
export interface ServiceReports {
  failed(service: ServiceRecord, code: string, detail: string): void;
  flush(): Promise<void>;
}

export interface ServiceReportRow {
  readonly product_id: string;
  readonly slot: string;
  readonly code: string;
  detail: string;
  last_at: string;
  count: number;
}

const detailLengthMax = 500;

export function newServiceReports(
  write: (rows: readonly ServiceReportRow[]) => Promise<void>,
  warn: (message: string) => void,
): ServiceReports {
  let waiting = new Map<string, ServiceReportRow>();
  return {
    failed({ productId, slot }, code, detail) {
      const key = `${productId} ${slot} ${code}`;
      const row = waiting.get(key) ?? { product_id: productId, slot, code, detail, last_at: '', count: 0 };
      row.count++;
      row.detail = detail.slice(0, detailLengthMax);
      row.last_at = new Date().toISOString();
      waiting.set(key, row);
    },
    async flush() {
      if (waiting.size === 0) return;
      const rows = [...waiting.values()];
      waiting = new Map();
      try {
        await write(rows);
      } catch (error) {
        warn(`what services failed at could not be written: ${(error as Error).message}`);
      }
    },
  };
}
