import type { Submission } from '@souk/contract';
import type { App } from '../app.ts';
import { Failure } from '../failure.ts';
import { LiveLines } from './spinner.ts';
import { stageLine, stageLines, titleLine } from './stage-lines.ts';
import { hasEnded, watchSubmission } from './watch-submission.ts';

/**
 * Shows a submission until it ends or waits for a person. With --json every state is a line and the last line is where it
 * stopped; on a terminal the stages are drawn in place; in a log each stage's outcome is a line.
 */
export async function follow(app: App, submission: Submission, untilEnd: boolean): Promise<Submission> {
  const { output } = app;
  const client = await app.client();
  let now = submission;
  const live = output.watched && !output.json ? new LiveLines(app, (frame) => drawn(app, now, frame)) : null;
  const told = new Set<string>();
  if (!live && !output.json) output.note(titleLine(now, output.noteStyle));
  let trouble = '';
  try {
    for await (const state of watchSubmission(client, submission.id, (text) => {
      if (!live && text !== trouble) output.note(text);
      trouble = text;
    })) {
      now = state;
      if (output.json) output.line(JSON.stringify(now));
      else if (!live) tell(app, now, told);
      if (!untilEnd && !hasEnded(now) && standsStill(now)) break;
    }
  } catch (error) {
    live?.stop();
    if (client.signal.aborted && !output.json)
      output.note(`It goes on without you: souk submissions follow ${now.id}`);
    throw error;
  }
  live?.stop();
  if (live) for (const line of drawn(app, now)) output.note(line);
  return now;
}

const standsStill = (s: Submission) => s.state === 'waiting' || s.state === 'held';

const drawn = (app: App, s: Submission, frame?: string) => {
  const style = app.output.noteStyle;
  return [titleLine(s, style), ...stageLines(s, style, Date.now(), frame)];
};

function tell(app: App, s: Submission, told: Set<string>): void {
  const width = Math.max(...s.stages.map((stage) => stage.title.length));
  for (const stage of s.stages) {
    const news = `${stage.stage} ${stage.state} ${stage.attempt}`;
    if (stage.state === 'pending' || told.has(news)) continue;
    told.add(news);
    app.output.note(stageLine(stage, app.output.noteStyle, Date.now(), width));
    if (stage.state !== 'running') app.output.findings(stage.findings);
  }
}

/** What the end means for the exit code: a refusal is not a success, nor is what the operator must mend. */
export function outcome(s: Submission): void {
  if (s.state === 'refused' || s.state === 'cancelled' || s.state === 'superseded')
    throw new Failure({
      kind: 'refused',
      code: `cli.submission_${s.state}`,
      message: s.message || `The submission ended ${s.state}.`,
      remedy:
        s.state === 'refused'
          ? 'Mend what the findings name, then push and submit again.'
          : 'Submit again when you want to go on.',
    });
  if (s.state === 'held')
    throw new Failure({
      kind: 'unavailable',
      code: 'cli.submission_held',
      message: s.message || 'The marketplace could not finish a stage; this is not your mistake.',
      remedy: `The operator is told and it goes on from there; souk submissions follow ${s.id}`,
    });
}
