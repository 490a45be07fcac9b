import type { Socket } from 'node:net';
import { wholeBytesMax } from './calls.body.ts';
import { AnswerReader, type AnswerSink } from './model-answer.ts';
import type { ModelAnswer } from './model-client.ts';

/** One request's answer: whole at its end when it said that it is short, else a stream from its head on. */
export class Exchange implements AnswerSink {
  readonly answer: Promise<ModelAnswer>;
  readonly reader: AnswerReader;
  /** All of the request is on its way. */
  sent = false;
  complete = false;
  private readonly socket: Socket;
  private readonly resolve: (answer: ModelAnswer) => void;
  private readonly reject: (error: Error) => void;
  private status = 0;
  private headers: ReadonlyMap<string, string> = new Map();
  private chunks: Buffer[] = [];
  private stream: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(method: string, socket: Socket) {
    const { promise, resolve, reject } = Promise.withResolvers<ModelAnswer>();
    this.answer = promise;
    this.resolve = resolve;
    this.reject = reject;
    this.socket = socket;
    this.reader = new AnswerReader(method, this);
  }

  head(status: number, headers: ReadonlyMap<string, string>, lengthBytes: number | undefined) {
    this.status = status;
    this.headers = headers;
    if (lengthBytes !== undefined && lengthBytes <= wholeBytesMax) return;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.stream = controller;
      },
      pull: () => void this.socket.resume(),
      cancel: () => void this.socket.destroy(),
    });
    this.resolve({ status, headers, body });
  }

  data(bytes: Buffer) {
    if (!this.stream) {
      this.chunks.push(bytes);
      return;
    }
    this.stream.enqueue(bytes);
    if ((this.stream.desiredSize ?? 0) <= 0) this.socket.pause();
  }

  end() {
    this.complete = true;
    const [first = empty, ...more] = this.chunks;
    if (this.stream) this.stream.close();
    else
      this.resolve({
        status: this.status,
        headers: this.headers,
        body: more.length === 0 ? first : Buffer.concat(this.chunks),
      });
  }

  fail(error: Error) {
    this.stream?.error(error);
    this.reject(error);
  }
}

const empty = Buffer.alloc(0);
