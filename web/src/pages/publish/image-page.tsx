import { Button } from '@mantine/core';
import { DownloadIcon } from '@radix-ui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { imageQueries } from '../../api/queries/images.ts';
import type { Image } from '../../api/types.ts';
import { CopyableId } from '../../components/copy.tsx';
import { FindingList } from '../../components/finding.tsx';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { Notice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { formatBytes, formatCount } from '../../format/format.ts';
import { ImageLayers, ImagePackages } from './image-tables.tsx';
import styles from './product-frame.module.css';
import { ResourceDeletion } from './resource-parts.tsx';

export function ImagePage() {
  const { image = '' } = useParams();
  const query = useQuery(imageQueries.image(image));
  return (
    <PageQuery query={query} title="Image">
      {(found) => <Found image={found} />}
    </PageQuery>
  );
}

function Found({ image: i }: { image: Image }) {
  const settled = i.status === 'Completed' || i.status === 'Failed';
  return (
    <Page
      title={i.name}
      trail={[{ label: 'Images', to: '/publish/images' }]}
      beside={<StatusBadge state={i.status} />}
      actions={
        settled ? (
          <>
            {i.run ? (
              <Button
                component="a"
                href={`/api/images/${i.id}/sbom`}
                download
                variant="default"
                leftSection={<DownloadIcon />}
              >
                Bill of materials
              </Button>
            ) : null}
            <ResourceDeletion
              kind="image"
              name={i.name}
              remove={() => take(api.DELETE('/api/images/{image}', { params: { path: { image: i.id } } }))}
              listPath="/publish/images"
              listKey={['images', 'list']}
              consequence="Its layers go from the disk a day later, unless another image has them. An image that something uses cannot be deleted."
            />
          </>
        ) : null
      }
    >
      {i.failureReason ? (
        <Notice tone="bad" title={i.failureReason}>
          Mend what the findings name, build the image again and push it again.
        </Notice>
      ) : null}
      {settled ? null : (
        <div aria-live="polite">
          <Notice tone="info" title={i.statusMessage ?? 'The checks begin in a moment.'}>
            You may leave this page; the checks go on.
          </Notice>
        </div>
      )}
      <div className={styles.columns}>
        <div className="stack" style={{ '--gap': '20px' }}>
          {i.findings.length > 0 ? (
            <Panel title="Findings">
              <FindingList findings={i.findings} />
            </Panel>
          ) : null}
          <HowItStarts image={i} />
          {i.status === 'Completed' ? <UsedBy image={i} /> : null}
        </div>
        <ImageFacts image={i} />
      </div>
      {i.layers.length > 0 ? <ImageLayers image={i} /> : null}
      {i.run ? <ImagePackages image={i} /> : null}
    </Page>
  );
}

const words = (list: readonly string[] | undefined) => (list?.length ? JSON.stringify(list) : null);

function HowItStarts({ image: { run } }: { image: Image }) {
  if (!run) return null;
  return (
    <Panel title="How it starts" note="Called with serve or train behind the entry point">
      <Facts>
        <Fact name="Entry point">
          <span className="mono break">{words(run.entrypoint) ?? 'none: serve or train on the PATH'}</span>
        </Fact>
        <Fact name="Command">
          {run.cmd.length > 0 ? <span className="mono break">{words(run.cmd)}</span> : null}
        </Fact>
        <Fact name="User">{run.user || 'root'}</Fact>
        <Fact name="Ports">{run.exposedPorts.join(', ')}</Fact>
        <Fact name="Environment">
          {run.environment.length > 0 ? (
            <span className="mono tiny break" style={{ whiteSpace: 'pre-wrap' }}>
              {run.environment.join('\n')}
            </span>
          ) : null}
        </Fact>
      </Facts>
    </Panel>
  );
}

function ImageFacts({ image: i }: { image: Image }) {
  const { run } = i;
  return (
    <Panel title="Facts">
      <Facts>
        <Fact name="Digest">
          {i.digest ? <CopyableId id={i.digest} what="digest of the image" short /> : null}
        </Fact>
        <Fact name="From">
          <span className="break">{i.source.kind === 'upload' ? i.source.fileName : i.source.reference}</span>
        </Fact>
        <Fact name="Platform">{i.platform}</Fact>
        <Fact name="Built on">{i.distribution}</Fact>
        <Fact name="Size">{i.sizeBytes === null ? null : formatBytes(i.sizeBytes)}</Fact>
        <Fact name="Packages">{run ? formatCount(i.packagesCount) : null}</Fact>
        <Fact name="Malware scan">{i.malwareScan}</Fact>
        <Fact name="Rules">{i.ruleSet}</Fact>
        <Fact name="Pushed">
          <RelativeTime at={i.createdAt} />
        </Fact>
        <Fact name="By">
          <span className="break">{i.pushedBy}</span>
        </Fact>
      </Facts>
    </Panel>
  );
}

const places = {
  'model-package': { word: 'Model package', path: (name: string) => `/publish/models/${name}` },
  algorithm: { word: 'Algorithm', path: (name: string) => `/publish/algorithms/${name}` },
  version: { word: 'Released version', path: () => '/publish' },
} as const;

function UsedBy({ image }: { image: Image }) {
  return (
    <Panel title="Used by">
      {image.usedBy.length === 0 ? (
        <p className="small muted">Nothing yet. Name its digest when you register a model or an algorithm.</p>
      ) : (
        <Facts>
          {image.usedBy.map(({ kind, name }) => (
            <Fact key={`${kind} ${name}`} name={places[kind].word}>
              <Link to={places[kind].path(name)} className="break">
                {name}
              </Link>
            </Fact>
          ))}
        </Facts>
      )}
    </Panel>
  );
}
