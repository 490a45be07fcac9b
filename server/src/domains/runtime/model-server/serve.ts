import type { Batching } from './batching.ts';
import { createHandler } from './handler.ts';
import { type Address, type Listener, listen } from './listen.ts';
import type { Log } from './log.ts';
import type { ModelToLoad } from './model.ts';
import { Models } from './models.ts';

export interface ServeOptions {
  readonly models: readonly ModelToLoad[];
  readonly address: Address;
  readonly defaultName?: string | undefined;
  /** Threads of one run of a large model; small models take one. */
  readonly threads: number;
  readonly bodyBytesMax: number;
  /** Calls of models whose records do not depend on each other may be run together; undefined: each alone. */
  readonly batching?: Batching | undefined;
  /** Calls that one model takes at a time, waiting and running. */
  readonly underWayMax?: number | undefined;
  readonly log: Log;
}

export interface Server {
  readonly listener: Listener;
  readonly models: Models;
  /** Loading is over; each slot says how it went. */
  readonly loaded: Promise<void>;
  /** Answers what was begun, then lets go of everything. */
  stop(): Promise<void>;
}

/** Listens at once, so that /ping can answer 503 while models load. */
export async function serve(options: ServeOptions): Promise<Server> {
  const models = new Models(options.models, options.defaultName, options.underWayMax);
  const handler = createHandler(models, {
    bodyBytesMax: options.bodyBytesMax,
    cores: options.threads,
    serverVersion: '0.1.0',
    onFault: (message) => options.log('error', message),
  });
  const listener = await listen(handler, options.address);
  return {
    listener,
    models,
    loaded: models.load(options.threads, options.batching),
    async stop() {
      await listener.drain();
      await models.close();
    },
  };
}
