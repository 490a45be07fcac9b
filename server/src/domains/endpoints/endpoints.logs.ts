import { endpointLimits as limits } from '@souk/contract';
import { type Db, inTx } from '../../platform/db.ts';
import type { Log } from '../../platform/log.ts';
import { addLogs, type LogLine } from './endpoints.instances.sql.ts';

const flushMs = 500;
/** Of one instance and one flush: who writes more is cut, and told so. */
const perFlushMax = 200;

export interface InstanceLogs {
  add(line: LogLine): void;
  close(): Promise<void>;
}

/**
 * What instances write, on its way to the database. Bounded everywhere: a model that floods its log costs its own lines, not
 * memory, disk or the database.
 */
export function newInstanceLogs(db: Db, log: Log): InstanceLogs {
  let waiting: LogLine[] = [];
  const taken = new Map<string, number>();
  let working = Promise.resolve();

  async function flush() {
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    for (const [instanceId, count] of taken)
      if (count > perFlushMax) {
        const last = lines.findLast((l) => l.instanceId === instanceId);
        if (last)
          lines.push({ ...last, level: 'warn', text: `[${count - perFlushMax} further lines were cut]` });
      }
    taken.clear();
    try {
      await inTx(db, (tx) => addLogs(tx, lines, limits.logLines));
    } catch (error) {
      log.warn({ err: (error as Error).message }, 'lines of endpoint logs were let go');
    }
  }
  const again = () => {
    working = working.then(flush);
    return working;
  };
  const timer = setInterval(() => void again(), flushMs);
  timer.unref();

  return {
    add(line) {
      const count = (taken.get(line.instanceId) ?? 0) + 1;
      taken.set(line.instanceId, count);
      if (count > perFlushMax) return;
      // NUL is in no text column, and broken UTF-16 in no JSON.
      const text = line.text.replaceAll('\0', '').toWellFormed().slice(0, limits.logLineBytes);
      waiting.push({ ...line, text });
    },
    async close() {
      clearInterval(timer);
      await again();
    },
  };
}
