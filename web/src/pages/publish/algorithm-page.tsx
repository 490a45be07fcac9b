import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { algorithmQueries } from '../../api/queries/algorithms.ts';
import type { Algorithm } from '../../api/types.ts';
import { CodeBlock } from '../../components/code.tsx';
import { CopyableId } from '../../components/copy.tsx';
import { FindingList } from '../../components/finding.tsx';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { Notice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { TrainingTables } from '../../components/training-tables.tsx';
import { formatBytes, formatDuration } from '../../format/format.ts';
import { useDisputeActions } from './dispute-finding.tsx';
import styles from './product-frame.module.css';
import { CheckSteps, ResourceDeletion } from './resource-parts.tsx';

export function AlgorithmPage() {
  const { name = '' } = useParams();
  const query = useQuery(algorithmQueries.algorithm(name));
  return (
    <PageQuery query={query} title="Algorithm">
      {(algorithm) => <Found algorithm={algorithm} />}
    </PageQuery>
  );
}

function Found({ algorithm: a }: { algorithm: Algorithm }) {
  const disputeActions = useDisputeActions({ algorithm: a.name });
  const settled = a.status === 'Completed' || a.status === 'Failed';
  return (
    <Page
      title={a.name}
      trail={[{ label: 'Algorithms', to: '/publish/algorithms' }]}
      beside={<StatusBadge state={a.status} />}
      lead={a.description || undefined}
      actions={
        settled ? (
          <ResourceDeletion
            kind="algorithm"
            name={a.name}
            remove={() => take(api.DELETE('/api/algorithms/{name}', { params: { path: { name: a.name } } }))}
            listPath="/publish/algorithms"
            listKey={['algorithms', 'list']}
            consequence="The name becomes free. An algorithm that a product uses cannot be deleted."
          />
        ) : null
      }
    >
      {a.failureReason ? (
        <Notice tone="bad" title={a.failureReason}>
          Mend what the findings name and register it under a new name: a registered algorithm never changes.
        </Notice>
      ) : null}
      <div className={styles.columns}>
        <div className="stack" style={{ '--gap': '20px' }}>
          <Panel title="Checks" flush>
            <CheckSteps resource={a} />
          </Panel>
          {a.findings.length > 0 ? (
            <Panel title="Findings">
              <FindingList findings={a.findings} actions={disputeActions} />
            </Panel>
          ) : null}
          <Panel title="What it takes" note="Shown to buyers as it stands here">
            <TrainingTables specification={a.trainingSpecification} trial={a.trial} />
          </Panel>
          {a.log.length > 0 ? (
            <Panel title="Log of the sample training" note="Its last lines">
              <CodeBlock title="Output" code={a.log.join('\n')} capped />
            </Panel>
          ) : null}
        </div>
        <AlgorithmFacts algorithm={a} />
      </div>
    </Page>
  );
}

function AlgorithmFacts({ algorithm: a }: { algorithm: Algorithm }) {
  const { trial } = a;
  return (
    <Panel title="Facts">
      <Facts>
        <Fact name="ARN">
          <CopyableId id={a.arn} what="ARN" wrap />
        </Fact>
        <Fact name="Region">{a.region}</Fact>
        <Fact name="File">{a.archive.fileName}</Fact>
        <Fact name="Size">{formatBytes(a.archive.sizeBytes)}</Fact>
        <Fact name="Digest">
          <CopyableId id={a.archive.sha256} what="SHA-256 of the program" short />
        </Fact>
        <Fact name="Starts">{a.program ? `${a.program.interpreter} ${a.program.entry}` : null}</Fact>
        <Fact name="Trains on">
          {(a.trainingSpecification.supportedTrainingInstanceTypes ?? []).join(', ')}
        </Fact>
        <Fact name="For the market">{a.certifyForMarketplace ? 'Yes' : 'No'}</Fact>
        <Fact name="Trained in">
          {trial ? `${formatDuration(trial.trainedInMs)} on ${trial.instanceType}` : null}
        </Fact>
        <Fact name="Memory">{trial ? formatBytes(trial.memoryPeakBytes) : null}</Fact>
        <Fact name="Model">{trial ? formatBytes(trial.model.sizeBytes) : null}</Fact>
        <Fact name="Sandbox">{trial?.sandbox}</Fact>
        <Fact name="Registered">
          <RelativeTime at={a.createdAt} />
        </Fact>
      </Facts>
    </Panel>
  );
}
