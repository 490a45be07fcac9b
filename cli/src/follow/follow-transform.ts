import { operations, type TransformJob } from '@souk/contract';
import type { App } from '../app.ts';
import { Failure } from '../failure.ts';
import { LiveLines } from './spinner.ts';
import { transformLines } from './transform-lines.ts';
import { watch } from './watch.ts';

/** Shows a job until it ends: a bar that is drawn in place on a terminal, its stages as lines in a log, every state as JSON. */
export async function followTransform(app: App, job: TransformJob): Promise<TransformJob> {
  const { output } = app;
  const client = await app.client();
  const params = { transformJob: job.name };
  let now = job;
  const draw = (frame?: string) => transformLines(now, output.noteStyle, Date.now(), frame);
  const live = output.watched && !output.json ? new LiveLines(app, draw) : undefined;
  let told = '';
  try {
    for await (const next of watch<TransformJob>(
      client,
      {
        get: () => client.call(operations.getTransformJob, { params }),
        events: operations.followTransformJob,
        params,
        event: 'transform-job',
        hasEnded: (j) => j.endedAt !== null,
      },
      (text) => live === undefined && output.note(text),
    )) {
      now = next;
      if (output.json) output.line(JSON.stringify(now));
      else if (!live && now.stage !== told) for (const line of draw()) output.note(line);
      told = now.stage;
    }
  } catch (error) {
    live?.stop();
    if (client.signal.aborted && !output.json)
      output.note(`It goes on without you: souk transforms follow ${now.name}`);
    throw error;
  }
  live?.stop();
  if (live) for (const line of draw()) output.note(line);
  return now;
}

/** A job that failed is no success; one that was stopped was wanted so. */
export function transformOutcome(job: TransformJob): void {
  if (job.state !== 'Failed') return;
  throw new Failure({
    kind: 'refused',
    code: job.failure?.code ?? 'transform.files_failed',
    message: job.failure?.message ?? 'The job failed.',
    remedy: job.failure?.remedy ?? `souk transforms show ${job.name}`,
  });
}
