import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { isSettled, modelQueries } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import type { ModelPackage } from '../../api/types.ts';
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
import { formatBytes, formatCount, formatWord } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';
import product from '../market/product/product.module.css';
import { TensorTable } from '../market/product/usage.tsx';
import { useDisputeActions } from './dispute-finding.tsx';
import styles from './product-frame.module.css';

const trail = [{ label: 'Model packages', to: '/publish/models' }];

export function ModelPage() {
  const { name = '' } = useParams();
  const query = useQuery(modelQueries.model(name));
  return (
    <PageQuery query={query} title="Model package">
      {(model) => <Found model={model} />}
    </PageQuery>
  );
}

function Found({ model }: { model: ModelPackage }) {
  const disputeActions = useDisputeActions({ modelPackage: model.name });
  const profile = model.validationSpecification.validationProfiles[0];
  return (
    <Page
      title={model.name}
      trail={trail}
      beside={<StatusBadge state={model.status} />}
      lead={model.description || undefined}
      actions={isSettled(model) ? <Deletion model={model} /> : null}
    >
      {model.failureReason ? (
        <Notice tone="bad" title={model.failureReason}>
          Mend what the findings name and register it under a new name: a registered package never changes.
        </Notice>
      ) : null}
      <div className={styles.columns}>
        <div className="stack" style={{ '--gap': '20px' }}>
          <Panel title="Checks" flush>
            <Steps model={model} />
          </Panel>
          {model.findings.length > 0 ? (
            <Panel title="Findings">
              <FindingList findings={model.findings} actions={disputeActions} />
            </Panel>
          ) : null}
          {model.onnx ? (
            <Panel title="What the model declares">
              <TensorTable onnx={model.onnx} />
            </Panel>
          ) : null}
          {profile ? (
            <Panel title="Sample">
              <div className={product.pair}>
                <CodeBlock
                  title={`Input, ${profile.input.contentType}`}
                  code={profile.input.body}
                  wrap
                  capped
                />
                {profile.expected.body ? (
                  <CodeBlock
                    title={`Expected, ${profile.expected.contentType}`}
                    code={profile.expected.body}
                    wrap
                    capped
                  />
                ) : null}
              </div>
            </Panel>
          ) : null}
        </div>
        <ModelFacts model={model} />
      </div>
    </Page>
  );
}

function ModelFacts({ model }: { model: ModelPackage }) {
  const spec = model.inferenceSpecification;
  return (
    <Panel title="Facts">
      <Facts>
        <Fact name="ARN">
          <CopyableId id={model.arn} what="ARN" wrap />
        </Fact>
        <Fact name="Region">{model.region}</Fact>
        <Fact name="File">{model.archive.fileName}</Fact>
        <Fact name="Size">{formatBytes(model.archive.sizeBytes)}</Fact>
        <Fact name="Digest">
          <CopyableId id={model.archive.sha256} what="SHA-256 of the package" short />
        </Fact>
        <Fact name="Takes">{spec.supportedContentTypes.join(', ')}</Fact>
        <Fact name="Answers">{spec.supportedResponseMIMETypes.join(', ')}</Fact>
        <Fact name="Real time">{spec.supportedRealtimeInferenceInstanceTypes.join(', ')}</Fact>
        <Fact name="Batch">{spec.supportedTransformInstanceTypes.join(', ')}</Fact>
        <Fact name="For the market">{model.certifyForMarketplace ? 'Yes' : 'No'}</Fact>
        <Fact name="Producer">{model.onnx?.producer}</Fact>
        <Fact name="Operator sets">
          {model.onnx?.opsets.map((o) => `${o.domain || 'ai.onnx'} ${o.version}`).join(', ')}
        </Fact>
        <Fact name="Operators">{model.onnx?.operators.join(', ')}</Fact>
        <Fact name="Parameters">
          {model.onnx?.parametersCount == null ? null : formatCount(model.onnx.parametersCount)}
        </Fact>
        <Fact name="Registered">
          <RelativeTime at={model.createdAt} />
        </Fact>
      </Facts>
    </Panel>
  );
}

function Steps({ model }: { model: ModelPackage }) {
  const steps = [...model.imageScanStatuses, ...model.validationStatuses];
  if (steps.length === 0)
    return (
      <p className="muted" style={{ padding: 16 }} aria-live="polite">
        The checks begin in a moment.
      </p>
    );
  return (
    <ul style={{ listStyle: 'none', padding: 0 }} aria-live="polite">
      {steps.map((step) => (
        <li key={step.name} className={product.version}>
          <div className="row spread">
            <span style={{ fontWeight: 500 }}>{formatWord(step.name)}</span>
            <StatusBadge state={step.status} />
          </div>
          {step.failureReason ? <p className="small muted break">{step.failureReason}</p> : null}
        </li>
      ))}
    </ul>
  );
}

function Deletion({ model }: { model: ModelPackage }) {
  const { may } = useSession();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE('/api/model-packages/{name}', { params: { path: { name: model.name } } })),
    onSuccess: async () => {
      await navigate('/publish/models');
      void queryClient.invalidateQueries({ queryKey: ['models', 'list'] });
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
        title={`Delete the model package ${model.name}?`}
        action="Delete model package"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        Its file is removed and the name becomes free. A package that a product uses cannot be deleted.
      </ConfirmDanger>
    </>
  );
}
