import { type Db, inTx } from '../../platform/db.ts';
import type { Tally } from './transforms.file.ts';
import type { Effective } from './transforms.rules.ts';
import * as store from './transforms.sql.ts';
import type { TransformRow } from './transforms.ts';

const everyMs = 1000;
/** How much the last second counts in the speed that is shown. */
const weight = 0.4;

/** Tells what is under way, once a second while it changes: followers see rows move inside a long file. */
export function newLive(db: Db, id: string, worker: string, log: () => readonly string[]) {
  const tallies = new Map<number, Tally>();
  let ended = 0;
  let before = { rows: 0, at: performance.now() };
  let rowsPerSecond = 0;
  let told = '';

  const sums = () => {
    const live = { rows: 0, calls: 0, bytes: 0 };
    for (const t of tallies.values()) {
      live.rows += t.rows;
      live.calls += t.calls;
      live.bytes += t.bytes;
    }
    return live;
  };
  async function tell() {
    const live = sums();
    const now = { rows: ended + live.rows, at: performance.now() };
    const speed = ((now.rows - before.rows) / Math.max(1, now.at - before.at)) * 1000;
    rowsPerSecond = rowsPerSecond === 0 ? speed : rowsPerSecond + weight * (speed - rowsPerSecond);
    before = now;
    await write({ ...live, rowsPerSecond: Math.max(0, Math.round(rowsPerSecond)) });
  }
  async function write(live: TransformRow['live']) {
    const lines = [...log()];
    const text = JSON.stringify([live, lines]);
    if (text === told) return;
    told = text;
    await inTx(db, (tx) => store.writeLive(tx, id, worker, { live, log: lines }));
  }
  // The next one tells more; a database that is away is noticed where it matters.
  const timer = setInterval(() => void tell().catch(() => undefined), everyMs);

  return {
    begin: (position: number, tally: Tally) => void tallies.set(position, tally),
    end(position: number) {
      ended += tallies.get(position)?.rows ?? 0;
      tallies.delete(position);
    },
    stage: (stage: TransformRow['stage'], effective?: Effective) =>
      inTx(db, (tx) => store.writeLive(tx, id, worker, { stage, ...(effective ? { effective } : {}) })),
    /** Nothing is under way any more. */
    flush: () =>
      write({ rows: 0, calls: 0, bytes: 0, rowsPerSecond: Math.max(0, Math.round(rowsPerSecond)) }),
    close: () => clearInterval(timer),
  };
}
