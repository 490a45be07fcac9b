import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EndpointCaller, NotServing } from '../endpoints/index.ts';
import { CsvProblem, CsvReader, type CsvRow, csvLine } from './webservices.csv.ts';
import { AnswerProblem, answerRows, callOfRows, newRowMaker } from './webservices.rows.ts';
import { callOf } from './webservices.trial.ts';
import type { WebServiceRow } from './webservices.ts';
import { CallProblem, type Cell, outputColumns, shownCell } from './webservices.values.ts';

/** Why a batch job failed, for who reads its status. */
export class BatchProblem extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface BatchProgress {
  rows: number;
  calls: number;
  units: number;
  subscriptionId: string;
  version: string;
}

const rowsAtOnce = 500;
const triesMax = 4;
const againMs = 500;
const patienceMs = 3_600_000;

export interface BatchFile {
  readonly service: Pick<WebServiceRow, 'schema' | 'wire' | 'servedBy'>;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly input: Readable;
  readonly delimiters: { readonly input: string; readonly output: string };
  readonly call: EndpointCaller;
  readonly signal: AbortSignal;
  readonly progress: BatchProgress;
}

/** The output of a batch job, as a stream: a header line, then the rows in the order of the input. Bounded in memory whatever the file. */
export async function* batchOutput(of: BatchFile): AsyncGenerator<string> {
  const { schema } = of.service;
  const columns = outputColumns(schema);
  const line = (cells: readonly Cell[]) => csvLine(cells, of.delimiters.output);
  let maker: ReturnType<typeof newRowMaker> | undefined;
  let waiting: Cell[][] = [];
  yield line(columns.map((c) => c.name));

  async function* flush() {
    if (!maker || waiting.length === 0) return;
    const rows = waiting;
    waiting = [];
    for (const answered of await ask(of, rows, maker.attributes))
      yield line(answered.map((c, i) => (columns[i] ? shownCell(columns[i], c) : c)));
    of.progress.rows += rows.length;
  }

  for await (const found of rowsOf(of.input, of.delimiters.input)) {
    for (const { cells, line: at } of found) {
      of.signal.throwIfAborted();
      if (!maker) maker = makerOf(of, cells);
      else waiting.push(rowOf(maker, cells, at));
      if (waiting.length >= rowsAtOnce) yield* flush();
    }
  }
  if (!maker)
    throw new BatchProblem('InputParseError', 'The input file is empty: its first line names the columns.');
  yield* flush();
}

async function* rowsOf(input: Readable, delimiter: string): AsyncGenerator<CsvRow[]> {
  const reader = new CsvReader(delimiter);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of input) yield reader.read(decoder.decode(piece as Buffer, { stream: true }));
    yield reader.read(decoder.decode());
    yield reader.end();
  } catch (error) {
    if (error instanceof CsvProblem)
      throw new BatchProblem('InputParseError', `Line ${error.line}: ${error.message}.`);
    if (error instanceof TypeError)
      throw new BatchProblem('InputParseError', 'The input file is not text in UTF-8.');
    throw error;
  }
}

function makerOf({ service, parameters }: BatchFile, header: readonly string[]) {
  try {
    return newRowMaker(
      service.schema,
      header.map((h) => h.trim()),
      parameters,
    );
  } catch (error) {
    throw error instanceof CallProblem ? new BatchProblem(error.code, error.message) : error;
  }
}

/** An empty cell of a number, a date or a truth value is a missing one; of a text it is an empty text. */
function rowOf(maker: ReturnType<typeof newRowMaker>, cells: readonly string[], line: number): Cell[] {
  try {
    return maker.row(cells, `line ${line}`);
  } catch (error) {
    throw error instanceof CallProblem ? new BatchProblem(error.code, error.message) : error;
  }
}

async function ask(of: BatchFile, rows: Cell[][], attributes: string | null): Promise<Cell[][]> {
  const { service, signal, progress } = of;
  const asked = callOfRows(service.schema, service.wire, rows, attributes);
  const until = Date.now() + patienceMs;
  for (let tries = 1; ; ) {
    signal.throwIfAborted();
    try {
      const answer = await of.call(service.servedBy, callOf(asked));
      const text = answer.body.toString('utf8');
      if (answer.status >= 500) throw new Error(`it answered ${answer.status}: ${text.slice(0, 300)}`);
      if (answer.status >= 300)
        throw new BatchProblem(
          'ModelRefused',
          `The model refused rows ${progress.rows + 1} to ${progress.rows + rows.length}: ${text.slice(0, 500)}`,
        );
      const found = answerRows(service.schema, answer.contentType, text, rows.length);
      progress.calls++;
      progress.units += answer.units;
      progress.subscriptionId = answer.subscriptionId;
      progress.version = answer.version;
      return found;
    } catch (error) {
      if (error instanceof BatchProblem) throw error;
      if (error instanceof AnswerProblem)
        throw new BatchProblem(
          'ModelOutputMetadataMismatch',
          `The model does not answer as declared: ${error.message}.`,
        );
      if (error instanceof NotServing) {
        if (!error.wait || Date.now() > until) throw new BatchProblem('NoMoreResources', error.message);
      } else if (++tries > triesMax)
        throw new BatchProblem(
          'ModelFailed',
          `The model failed ${triesMax} times: ${(error as Error).message}`,
        );
      await sleep(againMs, undefined, { signal });
    }
  }
}
