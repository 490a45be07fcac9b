import { useQuery } from '@tanstack/react-query';
import { appliedQuery } from '../../../api/queries/publish.ts';
import type { Product } from '../../../api/types.ts';
import { DiffView } from '../../../components/diff-view.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { Notice } from '../../../components/states.tsx';
import { Badge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';

/** Where the listing comes from when it is written in files, and what people changed here since. Nothing for all others. */
export function CodePanel({ product }: { product: Product }) {
  const { data } = useQuery(appliedQuery(product.id, product.draftVersion));
  if (!data?.applied) return null;
  const { applied, drift, changedBy, changedAt } = data;
  return (
    <Panel
      title="Managed as code"
      note="The listing is written in files and applied with souk apply. What is changed here has to be taken into the files."
      actions={drift.length > 0 ? <Badge tone="warn">Drifted</Badge> : <Badge tone="good">As applied</Badge>}
    >
      <div className="stack" style={{ '--gap': '16px' }}>
        <Facts>
          <Fact name="Source">
            {applied.source ? (
              <SourceText source={applied.source} />
            ) : (
              <span className="faint">Not given</span>
            )}
          </Fact>
          <Fact name="Applied">
            <RelativeTime at={applied.appliedAt} /> by {applied.appliedBy}
          </Fact>
          <Fact name="Document">
            <span className="mono" title={applied.sha256}>
              sha256 {applied.sha256.slice(0, 12)}
            </span>
          </Fact>
        </Facts>
        {drift.length > 0 ? (
          <>
            <Notice tone="warn" title="Changed since it was applied">
              {changedBy ? `Last by ${changedBy}` : 'Somebody saved the draft'}
              {changedAt ? (
                <>
                  , <RelativeTime at={changedAt} />
                </>
              ) : null}
              . The next apply stops at this unless the files say the same: souk export {product.slug} writes
              them anew.
            </Notice>
            <DiffView changes={drift} of="Drift" />
          </>
        ) : null}
      </div>
    </Panel>
  );
}

/** A source that is an address can be followed. */
function SourceText({ source }: { source: string }) {
  const style = { overflowWrap: 'anywhere' } as const;
  if (!/^https?:\/\/\S+$/.test(source)) return <span style={style}>{source}</span>;
  return (
    <a href={source} rel="noreferrer nofollow" target="_blank" style={style}>
      {source}
    </a>
  );
}
