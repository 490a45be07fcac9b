import type { Readable } from 'node:stream';
import { fail } from '../../platform/errors.ts';
import { unitsOf } from '../gateway/index.ts';
import type { ModelAnswer } from '../runtime/index.ts';
import { gunzip } from './records/gunzip.ts';
import { type Batch, batchesOf } from './transforms.batches.ts';
import type { BatchCall } from './transforms.calls.ts';
import { answersOf, formOf, isByRecord, outcomeOf, type Processing } from './transforms.processing.ts';
import { assemblesLines, bytesPerMb, type Effective } from './transforms.rules.ts';
import type { TransformRequest } from './transforms.ts';

/** What was answered so far of a file that is under way. */
export interface Tally {
  rows: number;
  calls: number;
  units: number;
  /** Of the input, as it is kept. */
  bytes: number;
}

export interface FileWork {
  readonly uri: string;
  readonly request: TransformRequest;
  readonly effective: Effective;
  readonly processing: Processing;
  /** Calls of this file that may be under way or wait to be written, which bounds what is held in memory. */
  readonly window: number;
  readonly tally: Tally;
  open(): Promise<Readable>;
  send(call: BatchCall, signal: AbortSignal): Promise<ModelAnswer>;
}

const dimension = 'inference.count';
const nothing = Buffer.alloc(0);

/**
 * The output of a file, in the order of its input, while it is read: calls go side by side, answers come out one after the other.
 * Ends with the first call that fails, and takes the others along.
 */
export async function* transformed(work: FileWork, signal: AbortSignal): AsyncGenerator<Buffer> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const underWay: Promise<Buffer>[] = [];
  try {
    for await (const make of work.effective.maxPayloadInMB === 0 ? whole(work) : callsOf(work)) {
      const answer = make(either);
      // Looked at in its turn; until then it must not end the process.
      answer.catch(() => undefined);
      underWay.push(answer);
      if (underWay.length >= work.window) yield (await underWay.shift()) ?? nothing;
    }
    for (let next = underWay.shift(); next; next = underWay.shift()) yield await next;
  } finally {
    ended.abort();
    await Promise.allSettled(underWay);
  }
}

type MakeCall = (signal: AbortSignal) => Promise<Buffer>;

async function* callsOf(work: FileWork): AsyncGenerator<MakeCall> {
  const { request, processing, uri } = work;
  const input = request.transformInput;
  const form = formOf(input.contentType);
  const content = await work.open();
  const counted = countedBytes(content, work.tally);
  const unpacked =
    input.compressionType === 'Gzip' ? gunzip(counted, uri) : (counted as AsyncIterable<Buffer>);
  const batches = batchesOf(unpacked, {
    uri,
    contentType: input.contentType,
    form,
    splitType: input.splitType ?? 'None',
    single: work.effective.batchStrategy === 'SingleRecord',
    payloadBytesMax: work.effective.maxPayloadInMB * bytesPerMb,
    inputFilter: processing.inputFilter,
    keepRecords: processing.join,
  });
  try {
    for await (const batch of batches)
      yield async (signal) => {
        const answer = await work.send({ uri, from: batch.from, to: batch.to, body: batch.body }, signal);
        const out = written(work, batch, answer);
        tallied(work.tally, answer, batch.to - batch.from + 1);
        return out;
      };
  } finally {
    content.destroy();
  }
}

/** The file as it is, in one call, without being held: its answer is its only record. */
async function* whole(work: FileWork): AsyncGenerator<MakeCall> {
  const { uri, tally, request } = work;
  yield async (signal) => {
    const gzip = request.transformInput.compressionType === 'Gzip';
    const { Readable: stream } = await import('node:stream');
    const body = async () => {
      tally.bytes = 0;
      const counted = countedBytes(await work.open(), tally);
      return gzip ? stream.from(gunzip(counted, uri)) : counted;
    };
    const answer = await work.send({ uri, from: 1, to: 1, body }, signal);
    tallied(tally, answer, 1);
    return lineEnded(work, answer.body);
  };
}

function countedBytes(content: Readable, tally: Tally): Readable {
  content.on('data', (chunk: Buffer) => {
    tally.bytes += chunk.length;
  });
  // Whoever reads it next begins the flow.
  content.pause();
  return content;
}

function tallied(tally: Tally, answer: ModelAnswer, rows: number): void {
  const header = answer.headers['x-amzn-inference-metering'];
  tally.calls += 1;
  tally.rows += rows;
  tally.units += unitsOf(typeof header === 'string' ? header : undefined, dimension);
}

function written(work: FileWork, batch: Batch, answer: ModelAnswer): Buffer {
  const { processing, request, uri } = work;
  if (!isByRecord(processing)) return lineEnded(work, answer.body);
  const form = formOf(answer.contentType);
  const sent = batch.to - batch.from + 1;
  const values = answersOf(answer.body, form, sent);
  if (!values)
    return fail('transform.answer_mismatch', {
      uri,
      from: batch.from,
      sent,
      answered: answer.body.toString('utf8').split('\n').filter(Boolean).length,
    });
  const sourceForm = formOf(request.transformInput.contentType);
  const end = assemblesLines(request) ? '\n' : '';
  const lines = values.map((value, i) => {
    const source = { record: batch.records[i] ?? nothing, form: sourceForm };
    const at = { uri, record: batch.from + i };
    return outcomeOf(processing, source, { value, form }, at) + end;
  });
  return Buffer.from(lines.join(''));
}

/** Put together as lines, the last of one answer must not run into the first of the next. */
function lineEnded({ request }: FileWork, body: Buffer): Buffer {
  if (!assemblesLines(request) || body.length === 0 || body.at(-1) === 10) return body;
  return Buffer.concat([body, Buffer.from('\n')]);
}
