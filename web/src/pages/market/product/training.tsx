import type { CatalogVersion } from '../../../api/types.ts';
import { CodeBlock } from '../../../components/code.tsx';
import { MarkdownView } from '../../../components/markdown.tsx';
import { Panel } from '../../../components/panel.tsx';
import { Notice } from '../../../components/states.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { TrainingTables } from '../../../components/training-tables.tsx';
import { formatBytes, formatDuration } from '../../../format/format.ts';

/** What an algorithm learns from and how it did on its sample; nothing for what is trained already. */
export function TrainingSection({ version }: { version: CatalogVersion }) {
  const { training, details } = version;
  if (!training) return null;
  const { trial, specification } = training;
  return (
    <Panel id="training" title="Training" note={`Version ${version.number}`}>
      <div className="stack" style={{ '--gap': '20px' }}>
        <Notice tone="info" title="What a subscription gives now">
          You may read everything about this algorithm, and you are told of new versions. Training it with
          your own data comes with a later release of this marketplace; until then nothing runs for you and
          nothing is charged.
        </Notice>
        {details.training?.overview ? <MarkdownView text={details.training.overview} /> : null}
        {details.training?.description ? (
          <section className="stack" aria-label="Training data">
            <h3>Training data</h3>
            <MarkdownView text={details.training.description} />
          </section>
        ) : null}
        {details.training?.sample ? (
          <CodeBlock title="Example of the training data" code={details.training.sample} wrap capped />
        ) : null}
        {details.training?.sampleUrl ? (
          <p className="break">
            <a href={details.training.sampleUrl} rel="noreferrer nofollow" target="_blank">
              Example of the training data as a file
            </a>
          </p>
        ) : null}
        <TrainingTables specification={specification} trial={trial} />
        <p className="small muted">
          Trained by this marketplace with the publisher’s sample <RelativeTime at={trial.trainedAt} /> in{' '}
          {formatDuration(trial.trainedInMs)} on {trial.instanceType}, without network; at most{' '}
          {formatBytes(trial.memoryPeakBytes)} of memory. The model that it made has{' '}
          {formatBytes(trial.model.sizeBytes)} and answered the sample call.
        </p>
      </div>
    </Panel>
  );
}
