import type pg from 'pg';

export interface WebServiceCall {
  readonly endpointId: string;
  readonly requestId: string;
  readonly status: number;
  readonly durationMs: number;
  readonly rows: number;
  readonly throttled: boolean;
  /** For the log of the endpoint; null: it is not logged. */
  readonly message: string | null;
}

export interface WebServiceReport {
  /** Puts a call aside, or lets its log entry go: never waits, never fails. */
  answered(call: WebServiceCall): void;
  flush(): Promise<void>;
}

interface Minute {
  endpoint_id: string;
  minute: string;
  calls: number;
  failed: number;
  throttled: number;
  duration_ms: number;
}

const logWaitingMax = 5000;
const minuteMs = 60_000;

/** Figures and logs of web services on their way to the database, beside the calls. */
export function newWebServiceReport(pool: pg.Pool, warn: (message: string) => void): WebServiceReport {
  let minutes = new Map<string, Minute>();
  let log: Record<string, string | number>[] = [];
  let writing = false;

  return {
    answered(call) {
      const now = Date.now();
      const minute = new Date(Math.floor(now / minuteMs) * minuteMs).toISOString();
      const key = `${call.endpointId} ${minute}`;
      let m = minutes.get(key);
      if (!m) {
        m = { endpoint_id: call.endpointId, minute, calls: 0, failed: 0, throttled: 0, duration_ms: 0 };
        minutes.set(key, m);
      }
      if (call.throttled) m.throttled++;
      else {
        m.calls++;
        m.duration_ms += call.durationMs;
        if (call.status >= 400) m.failed++;
      }
      if (call.message === null || log.length >= logWaitingMax) return;
      log.push({
        endpoint_id: call.endpointId,
        at: new Date(now).toISOString(),
        kind: 'score/requests',
        request_id: call.requestId,
        status: call.status,
        duration_ms: call.durationMs,
        rows: call.rows,
        message: call.message.slice(0, 2000),
      });
    },
    async flush() {
      if (writing || (minutes.size === 0 && log.length === 0)) return;
      const [traffic, entries] = [[...minutes.values()], log];
      minutes = new Map();
      log = [];
      writing = true;
      try {
        await pool.query('select gateway_web_service_report($1, $2)', [
          JSON.stringify(traffic),
          JSON.stringify(entries),
        ]);
      } catch (error) {
        warn(`figures of web services were let go: ${(error as Error).message}`);
      } finally {
        writing = false;
      }
    },
  };
}
