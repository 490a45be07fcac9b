import type { MetricDefinition } from '@souk/contract';
import { type Db, inTx } from '../../platform/db.ts';
import type { Log } from '../../platform/log.ts';
import { type ReadMetrics, readMetrics } from '../runtime/index.ts';
import { newCurves } from './training.curves.ts';
import * as logs from './training.log.sql.ts';

const writeEveryMs = 400;
const waitingCharsMax = logs.logBytesKept;

/** Writes down what an attempt prints and measures, as it comes and bounded, so that its page shows it live. */
export function startRecords(
  db: Db,
  log: Log,
  job: { readonly id: string; readonly attempt: number },
  definitions: readonly MetricDefinition[],
) {
  const curves = newCurves();
  const began = performance.now();
  let waiting: string[] = [];
  let chars = 0;
  let writing: Promise<void> = Promise.resolve();
  let ending: Promise<ReadMetrics> | undefined;
  const reader = readMetrics(definitions, undefined, (found) => {
    const seconds = Math.round(performance.now() - began) / 1000;
    for (const { name, value } of found) curves.add(name, seconds, value);
  });
  async function write() {
    const [lines, grown] = [waiting, curves.grown()];
    waiting = [];
    chars = 0;
    if (lines.length > 0 || grown.length > 0)
      await inTx(db, (tx) => logs.keep(tx, job, lines, grown)).catch((error: Error) =>
        // The training goes on; a gap in its log is the smaller harm.
        log.warn({ err: error.message, trainingJob: job.id }, 'a piece of a training’s log was lost'),
      );
  }
  const timer = setInterval(() => {
    writing = writing.then(write);
  }, writeEveryMs);
  return {
    lines(lines: readonly string[]) {
      reader.feed(lines);
      for (const line of lines) {
        waiting.push(line);
        chars += line.length + 1;
      }
      while (chars > waitingCharsMax) chars -= (waiting.shift()?.length ?? 0) + 1;
    },
    /** Everything is written when it resolves. */
    end() {
      ending ??= end();
      return ending;
    },
  };

  async function end() {
    clearInterval(timer);
    const read = await reader.finish();
    writing = writing.then(write);
    await writing;
    return read;
  }
}
