import type { Readable } from 'node:stream';
import type { Operation } from '@souk/contract';
import type { FastifyReply } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { Action, Caller } from './authorize.ts';

/** What authorization a route needs: Cedar is asked whether the caller may do `action` in the account it acts for. */
export interface Who {
  readonly action: Action;
  /** The handler keeps its answer to what a key limited to products may see. Without it, and without a product in the path, such a key is refused. */
  readonly narrowed: boolean;
}
export const may = (action: Action, { narrowed = false }: { narrowed?: boolean } = {}): Who => ({
  action,
  narrowed,
});

/** What a handler is given, besides validated input. */
export interface RequestContext {
  readonly caller: Caller;
  readonly requestId: string;
  readonly ip: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** For cookies, streams and server-sent events; the body of everything else is what `handle` returns. */
  readonly reply: FastifyReply;
  readonly stream: Readable;
}

type Of<S> = S extends TSchema ? Static<S> : undefined;

export interface Input<P = unknown, Q = unknown, B = unknown> extends RequestContext {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

/** A route: an operation of the contract, who may call it, and what it does. Without `who` it does not compile. */
export interface Route {
  readonly operation: Operation;
  readonly who: Who;
  readonly bodySizeBytesMax?: number;
  readonly handle: (input: Input) => Promise<unknown>;
}

type Definition<P, Q, B, R> = Omit<Operation, 'params' | 'query' | 'body' | 'output'> & {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly output: R;
  readonly who: Who;
  readonly bodySizeBytesMax?: number;
  readonly handle: (input: Input<Of<P>, Of<Q>, Of<B>>) => Promise<R extends TSchema ? Static<R> : unknown>;
};

export function route<
  P extends TSchema | undefined = undefined,
  Q extends TSchema | undefined = undefined,
  B extends TSchema | undefined = undefined,
  R extends TSchema | null = null,
>(definition: Definition<P, Q, B, R>): Route {
  const { who, handle, bodySizeBytesMax, ...operation } = definition;
  // The schemas of `operation` are checked before the handler runs, so its input has the types that they infer.
  const untyped = handle as unknown as Route['handle'];
  return {
    operation: operation as unknown as Operation,
    who,
    handle: untyped,
    ...(bodySizeBytesMax ? { bodySizeBytesMax } : {}),
  };
}
