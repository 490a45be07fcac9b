import type { UpstreamAddress } from './gateway.ts';

/** What the gateway knows of an endpoint. Its calls are those of the subscription whose product it runs. */
export interface EndpointRecord {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly state:
    | 'Creating'
    | 'InService'
    | 'Updating'
    | 'RollingBack'
    | 'OutOfService'
    | 'Failed'
    | 'Deleting';
  readonly reason: string | null;
  /** It has no instances; the next call wakes it. */
  readonly asleep: boolean;
  /** Of what it serves; null until it serves something. */
  readonly serves: {
    readonly subscriptionId: string;
    readonly productId: string;
    readonly version: string;
    readonly modelName: string;
  } | null;
  /** Calls at the same time of one instance. */
  readonly concurrency: number;
  readonly startMs: number;
  readonly timeoutMs: number;
  readonly payloadBytesMax: number;
  /** What of its calls the account wants to keep; null: nothing. */
  readonly capture: {
    readonly percent: number;
    readonly requests: boolean;
    readonly answers: boolean;
  } | null;
  /** Those that may be given a call. */
  readonly instances: readonly EndpointInstance[];
}

export interface EndpointInstance {
  readonly id: string;
  readonly address: UpstreamAddress;
}

export interface EndpointPath {
  readonly endpoint: string;
  readonly rest: string;
}

const endpointPath =
  /^\/endpoints\/([a-zA-Z0-9][a-zA-Z0-9-]{0,62})(\/invocations|\/ping|\/execution-parameters|\/v2(?:\/.*)?)$/;

/** Undefined: no call, such as a page of the web. */
export function parseEndpointPath(path: string): EndpointPath | undefined {
  const [, endpoint, rest] = endpointPath.exec(path) ?? [];
  return endpoint && rest ? { endpoint, rest } : undefined;
}
