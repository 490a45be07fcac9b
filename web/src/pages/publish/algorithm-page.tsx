import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { algorithmQueries } from '../../api/queries/algorithms.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Algorithm } from '../../api/types.ts';
import { CodeBlock } from '../../components/code.tsx';
import { ConfirmDanger } from '../../components/confirm-danger.tsx';
import { CopyableId } from '../../components/copy.tsx';
import { FindingList } from '../../components/finding.tsx';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { Notice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { TrainingTables } from '../../components/training-tables.tsx';
import { formatBytes, formatDuration, formatWord } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';
import product from '../market/product/product.module.css';
import styles from './product-frame.module.css';

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
  const settled = a.status === 'Completed' || a.status === 'Failed';
  return (
    <Page
      title={a.name}
      trail={[{ label: 'Algorithms', to: '/publish/algorithms' }]}
      beside={<StatusBadge state={a.status} />}
      lead={a.description || undefined}
      actions={settled ? <Deletion algorithm={a} /> : null}
    >
      {a.failureReason ? (
        <Notice tone="bad" title={a.failureReason}>
          Mend what the findings name and register it under a new name: a registered algorithm never changes.
        </Notice>
      ) : null}
      <div className={styles.columns}>
        <div className="stack" style={{ '--gap': '20px' }}>
          <Panel title="Checks" flush>
            <ul style={{ listStyle: 'none', padding: 0 }} aria-live="polite">
              {[...a.imageScanStatuses, ...a.validationStatuses].map((step) => (
                <li key={step.name} className={product.version}>
                  <div className="row spread">
                    <span style={{ fontWeight: 500 }}>{formatWord(step.name)}</span>
                    <StatusBadge state={step.status} />
                  </div>
                  {step.failureReason ? <p className="small muted break">{step.failureReason}</p> : null}
                </li>
              ))}
            </ul>
          </Panel>
          {a.findings.length > 0 ? (
            <Panel title="Findings">
              <FindingList findings={a.findings} />
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

function Deletion({ algorithm }: { algorithm: Algorithm }) {
  const { may } = useSession();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE('/api/algorithms/{name}', { params: { path: { name: algorithm.name } } })),
    onSuccess: async () => {
      await navigate('/publish/algorithms');
      void queryClient.invalidateQueries({ queryKey: ['algorithms', 'list'] });
    },
  });
  if (!may('model:manage')) return null;
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        Delete
      </Button>
      <ConfirmDanger
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Delete the algorithm ${algorithm.name}?`}
        action="Delete algorithm"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        The name becomes free. An algorithm that a product uses cannot be deleted.
      </ConfirmDanger>
    </>
  );
}
