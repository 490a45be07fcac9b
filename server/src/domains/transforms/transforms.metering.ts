import { type Db, inTx, type Tx } from '../../platform/db.ts';
import type { Meter } from '../instances/index.ts';
import type { TransformRow } from './transforms.ts';

const beatMs = 15_000;

/** The instances of a job, metered from when they serve: all together on this computer, each by itself on a cluster. */
export function newJobMeter(
  db: Db,
  meter: Meter,
  { id, name, model, request }: Pick<TransformRow, 'id' | 'name' | 'model' | 'request'>,
  asWorker: <T>(write: (tx: Tx) => Promise<T>) => Promise<T>,
) {
  const running = new Set<string>();
  const beat = setInterval(() => void meter.beat([...running]).catch(() => undefined), beatMs);
  const ended = async (run: string) => {
    await inTx(db, (tx) => meter.end(tx, run));
    running.delete(run);
  };
  return {
    /** Answers what ends them; what that could not do is done at the end of the job. */
    async begin(instances: number): Promise<() => void> {
      const run = await asWorker((tx) =>
        meter.begin(tx, {
          subscriptionId: model.subscriptionId,
          use: 'transform',
          instanceType: request.transformResources.instanceType,
          instances,
          resource: { kind: 'transform-job', id, name },
        }),
      );
      running.add(run);
      return () => void ended(run).catch(() => undefined);
    },
    async end(): Promise<void> {
      clearInterval(beat);
      for (const run of [...running]) await ended(run);
    },
  };
}
