import type { Config } from './config.ts';
import { type Network, networksOf } from './outbound-addresses.ts';
import { type Hop, type HopAnswer, sendHop } from './outbound-connection.ts';
import { OutboundError } from './outbound-errors.ts';
import { allAddresses, checkedAddresses, type Lookup } from './outbound-resolve.ts';
import { checkedHeaders, checkedUrl, nextHop } from './outbound-rules.ts';

export { OutboundError, type OutboundFault } from './outbound-errors.ts';
export type { Lookup } from './outbound-resolve.ts';

export interface OutboundRequest {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For everything: resolving, connecting, redirects and the whole body. */
  readonly timeoutMs?: number;
  readonly redirectsMax?: number;
  /** Of the answer, once it is unpacked. */
  readonly bodySizeBytesMax?: number;
  readonly headerSizeBytesMax?: number;
  /** Takes the body of a good answer part by part, as fast as it resolves; then the answer's own is empty. */
  readonly onBody?: (part: Buffer) => Promise<void>;
  /** Hears of each step as it is done: Test Connection shows them one by one. */
  readonly onStep?: (step: OutboundStep) => void;
}

export const outboundSteps = ['resolved', 'allowed', 'connected', 'tls', 'status'] as const;
export interface OutboundStep {
  readonly step: (typeof outboundSteps)[number];
  readonly url: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly ms: number;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
  /** The address that answered, after redirects. */
  readonly url: string;
  readonly steps: readonly OutboundStep[];
}

export interface Outbound {
  /** Any status is an answer; what keeps an answer from coming is thrown as an `OutboundError`, with the steps so far. */
  request(request: OutboundRequest): Promise<OutboundAnswer>;
}

/**
 * The one client for addresses that people typed. It resolves the name itself, refuses what must not be reached from inside,
 * and connects to the very address that it checked: asking DNS again would let a name change its answer in between. Each
 * redirect goes through the same gate.
 */
export function newOutbound(config: Pick<Config, 'outboundAllow'>, lookup: Lookup = allAddresses): Outbound {
  const allowed = networksOf(config.outboundAllow);
  return {
    async request(request) {
      const steps: OutboundStep[] = [];
      const timeoutMs = request.timeoutMs ?? 10_000;
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        return await follow(request, { allowed, lookup, signal, steps });
      } catch (error) {
        if (error instanceof OutboundError) throw error.after(steps);
        const fault = signal.aborted
          ? new OutboundError('timeout', { seconds: timeoutMs / 1000 })
          : new OutboundError('broken', { problem: (error as Error).message });
        throw fault.after(steps);
      }
    },
  };
}

interface Journey {
  readonly allowed: readonly Network[];
  readonly lookup: Lookup;
  readonly signal: AbortSignal;
  readonly steps: OutboundStep[];
}

async function follow(request: OutboundRequest, journey: Journey): Promise<OutboundAnswer> {
  const redirectsMax = request.redirectsMax ?? 3;
  let hop: Hop = {
    url: checkedUrl(request.url),
    method: request.method ?? 'GET',
    headers: checkedHeaders(request.headers ?? {}),
    body: request.body,
    bodySizeBytesMax: request.bodySizeBytesMax ?? 1024 * 1024,
    headerSizeBytesMax: request.headerSizeBytesMax ?? 16 * 1024,
    onBody: request.onBody,
  };
  for (let redirects = 0; ; redirects++) {
    const answer = await visit(hop, request, journey);
    const next = nextHop(hop, answer.status, answer.headers.location);
    if (!next || redirectsMax === 0) return { ...answer, url: hop.url.href, steps: journey.steps };
    if (redirects >= redirectsMax) throw new OutboundError('redirects', { redirectsMax });
    hop = next;
  }
}

async function visit(hop: Hop, request: OutboundRequest, journey: Journey): Promise<HopAnswer> {
  let since = performance.now();
  const tell = (step: OutboundStep['step'], detail: string, ok = true) => {
    const done = {
      step,
      url: hop.url.href,
      ok,
      detail,
      ms: Math.round((performance.now() - since) * 10) / 10,
    };
    since = performance.now();
    journey.steps.push(done);
    request.onStep?.(done);
  };
  const addresses = await checkedAddresses(hop.url, journey, tell);
  return await sendHop(hop, addresses, journey.signal, tell);
}

export type Tell = (step: OutboundStep['step'], detail: string, ok?: boolean) => void;
