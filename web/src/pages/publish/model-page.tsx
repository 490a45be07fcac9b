import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { isSettled, modelQueries } from '../../api/queries/publish.ts';
import type { ModelPackage } from '../../api/types.ts';
import { CodeBlock } from '../../components/code.tsx';
import { CopyableId } from '../../components/copy.tsx';
import { FindingList } from '../../components/finding.tsx';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { Notice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { formatBytes, formatCount } from '../../format/format.ts';
import product from '../market/product/product.module.css';
import { TensorTable } from '../market/product/usage.tsx';
import { useDisputeActions } from './dispute-finding.tsx';
import styles from './product-frame.module.css';
import { CheckSteps, ResourceDeletion } from './resource-parts.tsx';

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
      actions={
        isSettled(model) ? (
          <ResourceDeletion
            kind="model package"
            name={model.name}
            remove={() =>
              take(api.DELETE('/api/model-packages/{name}', { params: { path: { name: model.name } } }))
            }
            listPath="/publish/models"
            listKey={['models', 'list']}
            consequence="Its file is removed and the name becomes free. A package that a product uses cannot be deleted."
          />
        ) : null
      }
    >
      {model.failureReason ? (
        <Notice tone="bad" title={model.failureReason}>
          Mend what the findings name and register it under a new name: a registered package never changes.
        </Notice>
      ) : null}
      <div className={styles.columns}>
        <div className="stack" style={{ '--gap': '20px' }}>
          <Panel title="Checks" flush>
            <CheckSteps resource={model} />
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
        {spec.container ? (
          <Fact name="Image">
            <CopyableId id={spec.container.image} what="Digest of the image" short />
          </Fact>
        ) : null}
        <Fact name="Server">{spec.server}</Fact>
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
