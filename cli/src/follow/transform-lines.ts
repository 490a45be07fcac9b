import type { TransformJob } from '@souk/contract';
import { bytes, count, duration, plural } from '../output/format.ts';
import { type Style, state } from '../output/style.ts';

const cells = 24;

/** A job in two lines: what it does, and how far it is. */
export function transformLines(job: TransformJob, style: Style, nowMs: number, frame = '•'): string[] {
  const { files, inputBytes, rows, rowsPerSecond } = job.progress;
  const over = job.endedAt !== null;
  const share = inputBytes.total > 0 ? inputBytes.read / inputBytes.total : over ? 1 : 0;
  const full = Math.round(share * cells);
  const startedMs = job.startedAt ? Date.parse(job.startedAt) : nowMs;
  const endMs = job.endedAt ? Date.parse(job.endedAt) : nowMs;
  const left =
    rowsPerSecond > 0 && share > 0.02 && !over ? ((endMs - startedMs) / share) * (1 - share) : undefined;
  const head = `${over ? state(style, job.state) : `${frame} ${job.stage}`}  ${job.name}  ${style('dim', job.model.name)}`;
  const facts = [
    `${Math.floor(share * 100)}%`,
    files.total === null ? undefined : `${count(files.done + files.failed)}/${plural(files.total, 'file')}`,
    files.failed > 0 ? `${count(files.failed)} failed` : undefined,
    plural(rows, 'row'),
    rowsPerSecond > 0 && !over ? `${count(rowsPerSecond)} rows/s` : undefined,
    over && endMs > startedMs
      ? `${count(Math.round((rows / (endMs - startedMs)) * 1000))} rows/s`
      : undefined,
    `${bytes(inputBytes.read)} of ${bytes(inputBytes.total)}`,
    over ? duration(endMs - startedMs) : left === undefined ? undefined : `about ${duration(left)} left`,
  ];
  return [head, `  ${'█'.repeat(full)}${'░'.repeat(cells - full)}  ${facts.filter(Boolean).join('  ')}`];
}
