import type { Deadline } from './calls.deadlines.ts';
import type { InFlightRow } from './endpoints.sql.ts';
import type { EndpointInstance, EndpointRecord } from './endpoints.ts';
import type { CallErrorCode } from './gateway.errors.ts';
import type { Snapshot } from './snapshot.ts';

/** There is no place for a call, and why. */
export class NoPlace extends Error {
  readonly code: CallErrorCode;
  readonly params: Record<string, string | number>;
  constructor(code: CallErrorCode, params: Record<string, string | number>) {
    super(code);
    this.code = code;
    this.params = params;
  }
}

/** The caller went away while the call waited. */
export class CallerGone extends Error {}

export interface Place {
  readonly instance: EndpointInstance;
  /** Gives the place back; again does nothing. */
  leave(): void;
  /** It took no connection: passed over for a moment. */
  tookNoConnection(): void;
}

interface Waiter {
  readonly accountId: string;
  readonly resolve: (place: Place) => void;
  readonly reject: (error: Error) => void;
}

const pauseMs = 1000;
/** Calls that may wait for each place that there is. */
const waitingPerPlace = 10;
const waitingMin = 100;

/**
 * Who of an endpoint's instances is given the next call: the one with the fewest under way. Where all have as many as they may, or none
 * is there (it sleeps, or starts), the call waits its turn here.
 */
export class Places {
  private readonly calls = new Map<string, number>();
  private readonly pausedUntil = new Map<string, number>();
  private readonly waiting = new Map<string, Waiter[]>();
  private readonly snapshot: Snapshot;
  private readonly publicUrl: string;
  private readonly wake: (endpointId: string) => void;

  constructor(snapshot: Snapshot, publicUrl: string, wake: (endpointId: string) => void) {
    this.snapshot = snapshot;
    this.publicUrl = publicUrl;
    this.wake = wake;
  }

  /** A place at once where one is free; else a promise of one. `newDeadline` counts the wait. */
  take(endpoint: EndpointRecord, newDeadline: (ms: number) => Deadline): Place | Promise<Place> {
    const queue = this.waiting.get(endpoint.id);
    const free = queue ? undefined : this.free(endpoint);
    if (free) return this.placeAt(endpoint.id, free);
    const limit = Math.max(
      waitingMin,
      waitingPerPlace * endpoint.concurrency * Math.max(1, endpoint.instances.length),
    );
    if (queue && queue.length >= limit)
      return Promise.reject(new NoPlace('call.endpoint_full', { endpoint: endpoint.name, limit }));
    if (endpoint.asleep) this.wake(endpoint.id);
    const hasNone = endpoint.instances.length === 0;
    return this.wait(endpoint, hasNone ? endpoint.startMs : endpoint.timeoutMs, newDeadline);
  }

  private wait(
    endpoint: EndpointRecord,
    limitMs: number,
    newDeadline: (ms: number) => Deadline,
  ): Promise<Place> {
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    const deadline = newDeadline(limitMs);
    const waiter: Waiter = {
      accountId: endpoint.accountId,
      resolve: (place) => {
        deadline.remove();
        resolve(place);
      },
      reject: (error) => {
        deadline.remove();
        reject(error);
      },
    };
    deadline.onEnd = () => {
      this.forget(endpoint.id, waiter);
      reject(deadline.ended === 'caller' ? new CallerGone() : this.whyNone(endpoint, limitMs));
    };
    const queue = this.waiting.get(endpoint.id);
    if (queue) queue.push(waiter);
    else this.waiting.set(endpoint.id, [waiter]);
    return promise;
  }

  private whyNone(endpoint: EndpointRecord, limitMs: number): NoPlace {
    const now = this.snapshot.endpointById(endpoint.id) ?? endpoint;
    const { name } = endpoint;
    if (now.instances.length === 0)
      return new NoPlace('call.endpoint_not_awake', { endpoint: name, limitMs, page: this.pageOf(name) });
    return new NoPlace('call.endpoint_busy', {
      endpoint: name,
      instances: now.instances.length,
      concurrency: now.concurrency,
      limitMs,
    });
  }

  private forget(endpointId: string, waiter: Waiter) {
    const queue = this.waiting.get(endpointId);
    const at = queue?.indexOf(waiter) ?? -1;
    if (!queue || at < 0) return;
    queue.splice(at, 1);
    if (queue.length === 0) this.waiting.delete(endpointId);
  }

  /** Something may have come free, or have been started, or have gone. */
  look(endpointId: string): void {
    const queue = this.waiting.get(endpointId);
    if (!queue) return;
    const endpoint = this.snapshot.endpointById(endpointId);
    const away = !endpoint || ['Failed', 'OutOfService', 'Deleting'].includes(endpoint.state);
    while (queue.length > 0) {
      const instance = away ? undefined : this.free(endpoint);
      if (!away && !instance) break;
      const waiter = queue.shift();
      if (instance) waiter?.resolve(this.placeAt(endpointId, instance));
      else waiter?.reject(this.goneWhileWaiting(endpoint));
    }
    if (queue.length === 0) this.waiting.delete(endpointId);
    else if (endpoint?.asleep) this.wake(endpointId);
  }

  /** All that wait: after a new reading of everything, and now and then. */
  lookAll(): void {
    for (const id of [...this.waiting.keys()]) this.look(id);
  }

  private free({ instances, concurrency }: EndpointRecord): EndpointInstance | undefined {
    let best: EndpointInstance | undefined;
    let fewest = concurrency;
    for (const instance of instances) {
      const running = this.calls.get(instance.id) ?? 0;
      if (running >= fewest || this.isPaused(instance.id)) continue;
      best = instance;
      fewest = running;
    }
    return best;
  }

  private isPaused(id: string): boolean {
    if (this.pausedUntil.size === 0) return false;
    const until = this.pausedUntil.get(id);
    if (until === undefined) return false;
    if (until > performance.now()) return true;
    this.pausedUntil.delete(id);
    return false;
  }

  private placeAt(endpointId: string, instance: EndpointInstance): Place {
    this.calls.set(instance.id, (this.calls.get(instance.id) ?? 0) + 1);
    let left = false;
    this.endpointOf.set(instance.id, endpointId);
    return {
      instance,
      leave: () => {
        if (left) return;
        left = true;
        const running = (this.calls.get(instance.id) ?? 1) - 1;
        if (running > 0) this.calls.set(instance.id, running);
        else {
          this.calls.delete(instance.id);
          this.endpointOf.delete(instance.id);
        }
        if (this.waiting.size > 0) this.look(endpointId);
      },
      tookNoConnection: () => {
        this.pausedUntil.set(instance.id, performance.now() + pauseMs);
        setTimeout(() => this.look(endpointId), pauseMs + 10).unref();
      },
    };
  }
  private readonly endpointOf = new Map<string, string>();

  /** Calls under way at each instance, and waiting. */
  inFlight(): InFlightRow[] {
    const rows: InFlightRow[] = [];
    for (const [instance_id, calls] of this.calls)
      rows.push({ endpoint_id: this.endpointOf.get(instance_id) ?? '', instance_id, calls });
    for (const [endpoint_id, { length: calls }] of this.waiting)
      rows.push({ endpoint_id, instance_id: '', calls });
    return rows;
  }

  private goneWhileWaiting(endpoint: EndpointRecord | undefined): NoPlace {
    const { name: of = '', state = 'Deleting', reason } = endpoint ?? {};
    return new NoPlace('call.endpoint_away', {
      endpoint: of,
      state,
      reason: reason ?? 'it is being deleted.',
      page: this.pageOf(of),
    });
  }

  private pageOf(name: string): string {
    return `${this.publicUrl}/endpoints/${name}`;
  }
}
