import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { webServiceLimits as limits } from '@souk/contract';
import { inTx } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { EndpointCaller } from '../endpoints/index.ts';
import type { Locations } from '../files/index.ts';
import { countUsage } from '../metering/index.ts';
import { BatchProblem, type BatchProgress, batchOutput } from './batches.file.ts';
import * as store from './batches.sql.ts';
import * as services from './webservices.sql.ts';
import type { JobRow } from './webservices.ts';

const tickMs = 1000;
const renewMs = 5000;
const againMs = 5000;

export interface BatchWorkerOptions extends Pick<Platform, 'db' | 'notifications' | 'log' | 'clock'> {
  readonly locations: Pick<Locations, 'open' | 'stage'>;
  readonly call: EndpointCaller;
}

interface UnderWay {
  readonly stop: AbortController;
  readonly progress: BatchProgress;
}

/**
 * Works off batch jobs: claims them by lease, so that one whose worker was killed is taken up by another, from the beginning. What a job
 * wrote, that it is over, and what it costs are one transaction.
 */
export function startBatches({ db, notifications, log, clock, locations, call }: BatchWorkerOptions) {
  const worker = `batches.${randomBytes(6).toString('hex')}`;
  const underWay = new Map<string, UnderWay>();
  const all = new Set<Promise<void>>();
  let closed = false;

  async function tick() {
    if (closed) return;
    const room = limits.jobsAtOnce - underWay.size;
    if (room > 0) for (const job of await store.claim(db, worker, room, limits.jobsAtOnce)) begin(job);
  }

  function begin(job: JobRow) {
    const own = {
      stop: new AbortController(),
      progress: { rows: 0, calls: 0, units: 0, subscriptionId: '', version: '' },
    };
    underWay.set(job.id, own);
    const one: Promise<void> = work(job, own)
      .catch((error: Error) => log.warn({ err: error.message }, 'a batch job is tried again later'))
      .finally(() => {
        underWay.delete(job.id);
        all.delete(one);
        lookAgain();
      });
    all.add(one);
  }

  async function work(job: JobRow, { stop, progress }: UnderWay): Promise<void> {
    const startedAt = performance.now();
    const endpoint = await services.endpointById(db, job.endpointId);
    const service = endpoint && (await services.find(db, endpoint.serviceId));
    const ended = async (
      state: 'Finished' | 'Failed',
      failure: string | null,
      commit?: (tx: Parameters<typeof store.end>[0]) => Promise<void>,
    ) =>
      inTx(db, async (tx) => {
        if (!(await store.end(tx, job.id, worker, state, { failure, rows: progress.rows }))) return;
        await commit?.(tx);
        if (
          !endpoint ||
          endpoint.logging === 'None' ||
          (endpoint.loggingUntil && endpoint.loggingUntil <= clock.now())
        )
          return;
        if (state === 'Finished' && endpoint.logging === 'Error') return;
        await store.log(tx, {
          endpointId: job.endpointId,
          at: clock.now(),
          jobId: job.id,
          status: state === 'Finished' ? 200 : 400,
          durationMs: Math.round(performance.now() - startedAt),
          rows: progress.rows,
          message: failure ?? `${progress.rows} rows into ${job.output}`,
        });
      });
    if (!service) return ended('Failed', 'WebServiceNotFound: The web service or its endpoint was deleted.');
    try {
      const output = batchOutput({
        service,
        parameters: job.parameters,
        input: await locations.open(job.accountId, job.input),
        delimiters: { input: delimiterOf(job.input), output: delimiterOf(job.output) },
        call,
        signal: stop.signal,
        progress,
      });
      const staged = await locations.stage(job.accountId, job.output, Readable.from(bytes(output)));
      await ended('Finished', null, async (tx) => {
        await staged.commit(tx, job.createdBy);
        const { subscriptionId, version, units, calls } = progress;
        if (calls > 0)
          await countUsage(tx, {
            source: `webservice-job.${job.id}`,
            sequence: 1,
            dimension: 'inference.count',
            at: clock.now(),
            subscriptionId,
            version,
            units,
            calls,
          });
      });
    } catch (error) {
      if (stop.signal.aborted) return void (await inTx(db, (tx) => store.putBack(tx, job.id, worker, 0)));
      if (error instanceof BatchProblem || error instanceof SoukError)
        return ended('Failed', `${error.code}: ${error.message}`.slice(0, 2000));
      if (job.attempts >= 5)
        await ended('Failed', 'InternalError: The job was tried several times and broke off on our side.');
      else await inTx(db, (tx) => store.putBack(tx, job.id, worker, againMs));
      throw error;
    }
  }

  async function renew() {
    if (underWay.size === 0) return;
    const progress = [...underWay].map(([id, u]) => ({ id, rows: u.progress.rows }));
    const ours = new Set((await store.renew(db, worker, progress)).map((r) => r.id));
    for (const { id } of progress) if (!ours.has(id)) underWay.get(id)?.stop.abort();
  }

  let working = Promise.resolve();
  let queued = false;
  function lookAgain() {
    if (queued || closed) return;
    queued = true;
    working = working.then(() => {
      queued = false;
      return Promise.all([tick(), renew()]).then(
        () => {},
        (error: Error) => log.warn({ err: error.message }, 'batch jobs could not be looked after; they wait'),
      );
    });
  }
  const stopListening = notifications.listen('souk_web_service_jobs', lookAgain);
  const timers = [setInterval(lookAgain, tickMs), setInterval(() => void renew().catch(() => {}), renewMs)];
  lookAgain();

  return {
    async stop() {
      closed = true;
      for (const t of timers) clearInterval(t);
      stopListening();
      for (const u of underWay.values()) u.stop.abort();
      await working;
      await Promise.race([Promise.all(all), new Promise((resolve) => setTimeout(resolve, 5000).unref())]);
    },
  };
}

const delimiterOf = (location: string) => (/\.tsv$/i.test(location) ? '\t' : ',');

async function* bytes(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text);
}
