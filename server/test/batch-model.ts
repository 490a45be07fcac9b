import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import type { RunningModel, ServeRequest, StartServable } from '../src/domains/runtime/index.ts';

export interface ModelCall {
  readonly body: Buffer;
  readonly contentType: string;
  readonly response: ServerResponse;
  readonly number: number;
}

/**
 * A publisher's model server as its contract says, behaving as a test wants: what it answers is decided call by call. It stands for what is
 * outside of Souk; instances are told apart by their requests.
 */
export function batchModel() {
  const starts: ServeRequest[] = [];
  const stopped: number[] = [];
  const model = {
    calls: [] as ModelCall[],
    inFlightMax: 0,
    /** What GET /execution-parameters answers; undefined: 404. */
    parameters: undefined as object | undefined,
    /** Undefined: it becomes ready. */
    startFails: undefined as string | undefined,
    answer: (call: ModelCall): void | Promise<void> => doubled(call),
    starts,
    stopped,
    /** Ends the instances as a crash does. */
    crash: () => {
      for (const end of ends) end();
    },
    start: undefined as unknown as StartServable,
  };
  const ends = new Set<() => void>();
  let inFlight = 0;

  async function handle(request: IncomingMessage, response: ServerResponse) {
    if (request.url === '/execution-parameters') {
      response.writeHead(model.parameters ? 200 : 404).end(JSON.stringify(model.parameters ?? {}));
      return;
    }
    inFlight += 1;
    model.inFlightMax = Math.max(model.inFlightMax, inFlight);
    response.on('close', () => {
      inFlight -= 1;
    });
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    const call = {
      body,
      contentType: String(request.headers['content-type']),
      response,
      number: model.calls.length + 1,
    };
    model.calls.push(call);
    await model.answer(call);
  }

  model.start = async (request): Promise<RunningModel> => {
    starts.push(request);
    const server = createServer((req, res) => void handle(req, res).catch(() => res.destroy()));
    await new Promise<void>((go) => server.listen(0, '127.0.0.1', go));
    const { promise: exited, resolve: exit } = Promise.withResolvers<{
      reason: string;
      kind: 'crashed' | 'stopped';
    }>();
    const number = starts.length;
    const close = () => {
      server.closeAllConnections();
      server.close();
    };
    const end = () => {
      ends.delete(end);
      close();
      exit({ reason: 'it crashed', kind: 'crashed' });
    };
    ends.add(end);
    const failing = model.startFails;
    if (failing !== undefined) setImmediate(end);
    return {
      pid: 0,
      address: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      sandbox: 'none: a test',
      ready: failing === undefined ? Promise.resolve() : Promise.reject(new Error(failing)),
      exited,
      async stop() {
        ends.delete(end);
        stopped.push(number);
        close();
        exit({ reason: 'stopped', kind: 'stopped' });
      },
    };
  };
  after(() => {
    for (const end of ends) end();
  });
  return model;
}

/** Of every line of numbers twice their sum. */
export function doubled({ body, response }: ModelCall): void {
  const lines = body.toString('utf8').split('\n').filter(Boolean);
  const sums = lines.map((line) => line.split(',').reduce((n, x) => n + Number(x), 0) * 2);
  response.writeHead(200, { 'content-type': 'text/csv' }).end(sums.map((s) => `${s}\n`).join(''));
}
