import { join } from 'node:path';
import pg from 'pg';
import type { Log } from '../../platform/log.ts';
import { openNotifications } from '../../platform/notify.ts';
import { newServiceReports, type ServiceReports } from './data/service-reports.ts';
import { reportServices } from './data/services.sql.ts';
import { type Captures, newCaptures } from './endpoints.capture.ts';
import { Places } from './endpoints.places.ts';
import { type EndpointReport, newEndpointReport } from './endpoints.report.ts';
import * as endpoints from './endpoints.sql.ts';
import * as store from './gateway.sql.ts';
import type { GatewaySettings } from './gateway.ts';
import { newKeptSnapshot } from './kept-snapshot.ts';
import { newRecorder, type Recorder } from './recorder.ts';
import { Snapshot } from './snapshot.ts';
import type { UsageRow } from './usage-file.ts';
import { UsageLog } from './usage-log.ts';
import { newWebServiceReport, type WebServiceReport } from './webservices.report.ts';
import { readWebServices } from './webservices.ts';

const flushMs = 1000;
const reloadMs = 30_000;
const retryMs = 500;
const hourMs = 3_600_000;

export interface Sync {
  readonly snapshot: Snapshot;
  readonly usage: UsageLog;
  readonly recorder: Recorder;
  readonly places: Places;
  readonly captures: Captures;
  readonly report: EndpointReport;
  readonly webServiceReport: WebServiceReport;
  readonly serviceReports: ServiceReports;
  /** When the snapshot was last known to be right; null before the first time. */
  freshAt(): number | null;
  stop(): Promise<void>;
}

/**
 * Keeps the snapshot equal to the database and brings usage there. Everything that asks the database runs one after the other
 * here: so a quota that is read never overlaps a batch that is written, and units are counted neither twice nor not at all.
 */
export function startSync(settings: GatewaySettings, log: Log): Sync {
  const pool = new pg.Pool({
    connectionString: settings.databaseUrl,
    max: 3,
    connectionTimeoutMillis: 3000,
    // A server that takes a question and never answers must not stop everything behind it.
    query_timeout: 30_000,
  });
  pool.on('error', () => {});
  const warn = (message: string) => log.warn(message);
  const snapshot = new Snapshot();
  const kept = newKeptSnapshot(settings.dataDir, snapshot, warn);
  kept.restore();
  const usage = new UsageLog({
    folder: join(settings.dataDir, 'usage'),
    nodeName: settings.nodeName,
    ingest: (node, sequence, rows) => store.ingest(pool, node, sequence, rows),
    isHopeless: store.isHopeless,
    ingested,
    warn,
  });
  const recorder = newRecorder((calls) => store.record(pool, calls), warn);
  const asked = new Map<string, number>();
  const places = new Places(snapshot, settings.publicUrl, (id) => {
    // One question a second is enough, however many calls wait.
    if ((asked.get(id) ?? 0) > performance.now() - 1000) return;
    if (asked.size > 10_000) asked.clear();
    asked.set(id, performance.now());
    endpoints
      .wake(pool, id)
      .catch((error: Error) => warn(`an endpoint could not be woken yet: ${error.message}`));
  });
  const captures = newCaptures((calls) => endpoints.capture(pool, calls), warn);
  const report = newEndpointReport(
    settings.nodeName,
    () => places.inFlight(),
    (...told) => endpoints.report(pool, ...told),
    warn,
  );
  const webServiceReport = newWebServiceReport(pool, warn);
  const serviceReports = newServiceReports((rows) => reportServices(pool, rows), warn);
  const stale = new Set<string>();
  let everything = true;
  let freshAt: number | null = null;
  let stopped = false;

  const notifications = openNotifications(settings.databaseUrl, log);
  notifications.listen('souk_gateway', (payload) => {
    if (payload === null || payload === 'all') everything = true;
    else stale.add(payload);
    refresh();
  });

  let working: Promise<void> = Promise.resolve();
  let queued = false;
  function refresh(): void {
    if (queued || stopped) return;
    queued = true;
    working = working.then(async () => {
      queued = false;
      try {
        await load();
      } catch (error) {
        warn(`the snapshot could not be read, calls go on with what is known: ${(error as Error).message}`);
        setTimeout(refresh, retryMs).unref();
      }
    });
  }

  async function load() {
    let changed = everything;
    if (everything) {
      everything = false;
      stale.clear();
      try {
        snapshot.replaceAll(await store.readAll(pool));
        places.lookAll();
      } catch (error) {
        everything = true;
        throw error;
      }
    }
    for (const what of [...stale]) {
      // Taken out before it is read: what changes while we read is told again.
      stale.delete(what);
      try {
        await loadPart(what);
      } catch (error) {
        stale.add(what);
        throw error;
      }
      changed = true;
    }
    freshAt = Date.now();
    if (changed) kept.save();
  }

  async function loadPart(what: string) {
    const [kind, id = ''] = [what.slice(0, what.indexOf(':')), what.slice(what.indexOf(':') + 1)];
    if (kind === 'account') {
      const { keys, entitlements } = await store.readAccount(pool, id);
      snapshot.replaceAccount(id, keys, entitlements);
    } else if (kind === 'product') {
      const { routes, entitlements, services } = await store.readProduct(pool, id);
      snapshot.replaceProduct(id, routes, entitlements, services);
    } else if (kind === 'endpoint') {
      const [endpoint] = await endpoints.readEndpoints(pool, id);
      snapshot.replaceEndpoint(id, endpoint);
      places.look(id);
    } else if (kind === 'webservice') {
      const [service] = await readWebServices(pool, id);
      snapshot.webServices.replace(id, service);
    }
  }

  function ingested(rows: readonly UsageRow[], countedNow: boolean) {
    for (const row of rows) {
      const quota = snapshot.quota(row.subscriptionId);
      const atMs = row.hour * hourMs;
      if (!quota || atMs < quota.since) continue;
      if (atMs < quota.resetsAt) quota.used += row.quantity;
      else everything = true;
    }
    kept.saveQuotas(rows.map((r) => r.subscriptionId));
    // A batch whose commit we did not hear of: the quota that was read meanwhile may hold it already.
    if (!countedNow) everything = true;
    if (everything) refresh();
  }

  let flushQueued = false;
  function flush(): Promise<void> {
    if (flushQueued) return working;
    flushQueued = true;
    working = working.then(async () => {
      flushQueued = false;
      try {
        usage.rotate();
        await usage.flush();
      } catch (error) {
        warn(`the usage log is in trouble: ${(error as Error).message}`);
      }
    });
    return working;
  }

  const timers = [
    setInterval(() => void flush(), flushMs),
    setInterval(() => void recorder.flush(), flushMs),
    setInterval(() => {
      places.lookAll();
      void report.flush();
      void captures.flush();
      void webServiceReport.flush();
      void serviceReports.flush();
    }, flushMs),
    setInterval(() => {
      everything = true;
      refresh();
    }, reloadMs),
  ];
  refresh();

  return {
    snapshot,
    usage,
    recorder,
    places,
    captures,
    report,
    webServiceReport,
    serviceReports,
    freshAt: () => freshAt,
    async stop() {
      for (const t of timers) clearInterval(t);
      kept.close();
      await Promise.all([
        flush(),
        recorder.flush(),
        report.flush(),
        captures.flush(),
        webServiceReport.flush(),
        serviceReports.flush(),
      ]);
      stopped = true;
      await notifications.close();
      await pool.end();
    },
  };
}
