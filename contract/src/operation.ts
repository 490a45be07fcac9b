import type { Static, TSchema } from 'typebox';
import type { ErrorCode } from './registry.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One operation of the API: what it takes, what it answers, how it can fail. Routes, OpenAPI and clients are drawn from it. */
export interface Operation {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** Other than JSON: the body is handed to the handler as a stream. */
  readonly bodyType?: 'application/octet-stream';
  readonly output: TSchema | null;
  /** Other than JSON. */
  readonly outputType?: 'text/event-stream' | 'application/octet-stream' | 'text/plain' | 'redirect';
  readonly status?: number;
  readonly errors: readonly ErrorCode[];
}

export const operation = <const O extends Operation>(o: O): O => o;

type Of<S> = S extends TSchema ? Static<S> : undefined;
export type ParamsOf<O extends Operation> = Of<O['params']>;
export type QueryOf<O extends Operation> = Of<O['query']>;
export type BodyOf<O extends Operation> = Of<O['body']>;
export type OutputOf<O extends Operation> = O['output'] extends TSchema ? Static<O['output']> : undefined;
