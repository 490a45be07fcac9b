import { businessDaysText, type StageReport, type Submission } from '@souk/contract';
import { findingLines } from '../output/findings.ts';
import { duration } from '../output/format.ts';
import type { Style, Tone } from '../output/style.ts';
import { oneLine } from '../output/table.ts';

const marks: Readonly<Record<StageReport['state'], readonly [string, Tone]>> = {
  pending: ['·', 'dim'],
  running: ['⠿', 'cyan'],
  waiting: ['?', 'yellow'],
  passed: ['✓', 'green'],
  'carried-over': ['✓', 'green'],
  'not-run': ['-', 'yellow'],
  refused: ['✗', 'red'],
  held: ['!', 'yellow'],
  cancelled: ['-', 'dim'],
};

export const titleLine = (s: Submission, style: Style): string =>
  `${style('bold', oneLine(s.productTitle) || s.productSlug)}  revision ${s.revision}  ${style('dim', s.id)}`;

/** The pipeline as the server tells it: the rows are its stages, whatever they are. */
export function stageLines(s: Submission, style: Style, nowMs: number, frame?: string): string[] {
  const width = Math.max(...s.stages.map((stage) => stage.title.length));
  return s.stages.flatMap((stage) => [
    stageLine(stage, style, nowMs, width, frame),
    ...(stage.findings.length > 0 && stage.state !== 'running'
      ? findingLines(stage.findings, style).map((line) => `    ${line}`)
      : []),
  ]);
}

export function stageLine(
  stage: StageReport,
  style: Style,
  nowMs: number,
  titleWidth: number,
  frame?: string,
): string {
  const [mark, tone] = marks[stage.state];
  const shown = stage.state === 'running' && frame ? frame : mark;
  const attempt = stage.attempt > 1 ? ` (attempt ${stage.attempt} of ${stage.attemptsMax})` : '';
  const said = ['pending', 'running'].includes(stage.state) ? '' : oneLine(stage.summary);
  return `  ${style(tone, shown)} ${stage.title.padEnd(titleWidth)}  ${style('dim', clock(stage, nowMs).padEnd(22))}  ${said}${attempt}`.trimEnd();
}

function clock(stage: StageReport, nowMs: number): string {
  const about = stage.estimateMs > 0 ? `about ${duration(stage.estimateMs)}` : '';
  if (stage.state === 'carried-over') return 'carried over';
  if (stage.startedAt === null)
    return stage.acts === 'system'
      ? about
      : stage.acts === 'operator' && stage.state === 'pending'
        ? `operator acts, ${businessDaysText(stage.estimateMs, new Date(nowMs))}`
        : `${stage.acts} acts`;
  const startMs = Date.parse(stage.startedAt);
  if (stage.endedAt !== null) return duration(Math.max(0, Date.parse(stage.endedAt) - startMs));
  const elapsed = duration(Math.max(0, nowMs - startMs));
  if (stage.acts !== 'system') return `${elapsed}, ${stage.acts} acts`;
  return about ? `${elapsed} of ${about}` : elapsed;
}
