import { newDeadlines } from './calls.deadlines.ts';
import { newKeyFinder } from './calls.keys.ts';
import { newSubscriberAdmission } from './calls.subscriber.ts';
import type { Calls } from './calls.ts';
import { type CallErrorCode, type ErrorStyle, errorResponse } from './gateway.errors.ts';
import type { GatewayMetrics } from './gateway.metrics.ts';
import { hourOf } from './gateway.rules.ts';
import type { Sync } from './gateway.sync.ts';
import type { Entitlement, GatewaySettings } from './gateway.ts';

/** Paths that are answered here, beside calls of products: data services, web services. Composed in server/src/gateway.ts. */
export interface DataPlane {
  /** Asked for every request that is no call: must be quick, and true of its own paths only. */
  matches(path: string): boolean;
  /** `path` is without the query, as it was sent; `client` gives the caller's address. */
  handle(
    request: Request,
    path: string,
    requestId: string,
    client: () => string,
  ): Response | Promise<Response>;
}

export type NewDataPlane = (parts: PlaneParts) => DataPlane;

interface Own {
  readonly settings: GatewaySettings;
  readonly sync: Sync;
  readonly metrics: GatewayMetrics;
  readonly calls: Calls;
  readonly ending: AbortSignal;
}

/** What a data plane is given: to find out who calls, whether they may, and to have it counted. */
export function planeParts({ settings, sync, metrics, calls, ending }: Own) {
  return {
    settings,
    sync,
    /** Keys, entitlements and routes, in memory. */
    snapshot: sync.snapshot,
    metrics,
    /** Aborted when the process is about to end: what has no end of its own is to end then. */
    ending,
    /** The record of the key that a request carries (Bearer, Basic with any user name, X-Api-Key), or why it may not call. */
    findKey: newKeyFinder(sync.snapshot),
    /** The entitlement of the caller to a product, or why there is none; `isDenied` tells them apart. */
    subscriber: newSubscriberAdmission(settings, sync.snapshot),
    /** Quota and calls at the same time: `enter` before the work, `leave` after it, once each. Shared with calls of products. */
    limits: calls.limits,
    /** Sends an admitted call to its model. */
    forward: calls.forward,
    /** Asks an endpoint by its id: for callers who were admitted by a key of another kind. It is counted as any call of it, unless the judge refuses its answer. */
    callEndpoint: calls.endpointById,
    newDeadline: newDeadlines(),
    /**
     * Resolves when the call is in the usage log: to be awaited before its answer ends. Only 2XX have units; what we refuse
     * ourselves is not counted at all.
     */
    count: (
      entitlement: Entitlement,
      dimension: string,
      status: number,
      units: number,
      version: string,
    ): Promise<void> =>
      sync.usage.count(entitlement.subscriptionId, dimension, hourOf(Date.now()), status, units, version),
    /** An error in the form of a protocol, and in the metrics. */
    refuse(
      code: CallErrorCode,
      params: Readonly<Record<string, string | number>>,
      requestId: string,
      style: ErrorStyle,
      headers?: Readonly<Record<string, string>>,
    ): Response {
      metrics.refused(code);
      return errorResponse(code, params, requestId, style, headers);
    },
  };
}
export type PlaneParts = ReturnType<typeof planeParts>;
