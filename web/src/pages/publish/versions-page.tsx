import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { productQueries } from '../../api/queries/publish.ts';
import { versionQueries } from '../../api/queries/versions.ts';
import type { components } from '../../api/schema.gen.ts';
import type { Product } from '../../api/types.ts';
import { CopyableId } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { Badge, StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { StandingNotice, SunsetNotice } from '../../components/version-standing.tsx';
import { formatCount, formatDate } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';
import { ProductFrame } from './product-frame.tsx';
import { type VersionAction, VersionDialog } from './versions/version-dialog.tsx';

type Released = components['schemas']['ReleasedVersion'];
type Versions = components['schemas']['ReleasedVersions'];

export function VersionsPage() {
  const { productId = '' } = useParams();
  const product = useQuery(productQueries.product(productId));
  return (
    <PageQuery query={product} title="Versions">
      {(found) => <Found product={found} />}
    </PageQuery>
  );
}

function Found({ product }: { product: Product }) {
  const { may } = useSession();
  const query = useQuery(versionQueries.ofProduct(product.id));
  const [asked, setAsked] = useState<VersionAction | null>(null);
  const editable = may('product:release');
  return (
    <ProductFrame
      product={product}
      page="Versions"
      actions={
        may('product:edit') ? (
          <Button
            component={Link}
            to={`/publish/products/${product.id}/edit?section=versions`}
            variant="default"
          >
            Add a version
          </Button>
        ) : undefined
      }
    >
      <QueryView query={query}>
        {(versions) => (
          <div className="stack" style={{ '--gap': '16px' }}>
            {versions.sunset ? <SunsetNotice what="The product" sunset={versions.sunset} /> : null}
            {versions.items
              .filter((v) => v.standing.withdrawn || v.standing.sunset)
              .map((v) => (
                <StandingNotice key={v.number} number={v.number} standing={v.standing} />
              ))}
            <Panel title="Versions" note="Released ones, the newest last" flush>
              <DataTable
                label="Versions"
                columns={columns(editable ? setAsked : undefined)}
                rows={versions.items}
                rowKey={(v) => v.number}
                exportName={`${product.slug}-versions`}
                empty={
                  <EmptyState title="Nothing is released yet">
                    Versions appear here when the first submission goes live.
                  </EmptyState>
                }
              />
            </Panel>
            {editable && versions.items.length > 0 ? (
              <WholeProduct versions={versions} onAsk={setAsked} />
            ) : null}
            {asked ? (
              <VersionDialog versions={versions} action={asked} onClose={() => setAsked(null)} />
            ) : null}
          </div>
        )}
      </QueryView>
    </ProductFrame>
  );
}

function WholeProduct({ versions, onAsk }: { versions: Versions; onAsk: (asked: VersionAction) => void }) {
  const open = versions.sunset && !versions.sunset.ended;
  if (versions.sunset?.ended) return null;
  return (
    <Panel title="The whole product">
      <div className="stack" style={{ '--gap': '12px' }}>
        <p className="muted">
          Give it an end date, at least {versions.noticeDays} days ahead ({formatDate(versions.earliestEnd)}).
          Subscribers are told now, 90, 30 and 7 days and one day before, and at the end; their calls carry
          the date in the headers Deprecation and Sunset.
        </p>
        <div className="row">
          <Button variant="default" size="compact-sm" onClick={() => onAsk({ kind: 'sunset', number: null })}>
            {open ? 'Move the end date' : 'Set an end date'}
          </Button>
          {open ? (
            <Button variant="subtle" size="compact-sm" onClick={() => onAsk({ kind: 'keep', number: null })}>
              Take it back
            </Button>
          ) : null}
        </div>
      </div>
    </Panel>
  );
}

const columns = (ask: ((asked: VersionAction) => void) | undefined): readonly Column<Released>[] => [
  {
    key: 'number',
    header: 'Version',
    value: (v) => v.number,
    cell: (v) => (
      <>
        <span className="row-nowrap" style={{ fontWeight: 500 }}>
          {v.number} {v.latest ? <Badge tone="info">Latest</Badge> : null}
        </span>
        <CopyableId id={v.id} what="id of the version" />
      </>
    ),
  },
  { key: 'state', header: 'State', value: (v) => v.state, cell: (v) => <StatusBadge state={v.state} /> },
  {
    key: 'ends',
    header: 'Ends',
    value: (v) => v.standing.sunset?.endsAt ?? null,
    cell: (v) => (
      <span className="nowrap">{v.standing.sunset ? formatDate(v.standing.sunset.endsAt) : '–'}</span>
    ),
  },
  {
    key: 'subscribers',
    header: 'Subscribers',
    align: 'end',
    value: (v) => v.subscribers,
    cell: (v) => formatCount(v.subscribers),
  },
  {
    key: 'calls',
    header: 'Calls 30 d',
    align: 'end',
    value: (v) => v.callsLast30Days,
    cell: (v) => formatCount(v.callsLast30Days),
  },
  {
    key: 'errors',
    header: 'Errors',
    align: 'end',
    value: (v) => v.errorsLast30Days,
    cell: (v) => formatCount(v.errorsLast30Days),
  },
  {
    key: 'released',
    header: 'Released',
    align: 'end',
    value: (v) => v.releasedAt,
    cell: (v) => (v.releasedAt ? <RelativeTime at={v.releasedAt} /> : '–'),
  },
  ...(ask
    ? [
        {
          key: 'actions',
          header: 'Actions',
          align: 'end' as const,
          width: '190px',
          cell: (v: Released) => <Actions version={v} ask={ask} />,
        },
      ]
    : []),
];

function Actions({ version: v, ask }: { version: Released; ask: (asked: VersionAction) => void }) {
  const one = (kind: VersionAction['kind'], label: string) => (
    <Button
      key={kind}
      variant="subtle"
      size="compact-xs"
      {...(kind === 'withdraw' ? { color: 'red' } : {})}
      aria-label={`${label} version ${v.number}`}
      onClick={() => ask({ kind, number: v.number })}
    >
      {label}
    </Button>
  );
  const { sunset, withdrawn } = v.standing;
  if (withdrawn) return null;
  return (
    <span className="row" style={{ '--gap': '4px', justifyContent: 'flex-end' }}>
      {v.state === 'listed' ? one('restrict', 'Restrict') : null}
      {v.state === 'ended' ? null : one('sunset', sunset ? 'Move end' : 'Set end')}
      {sunset && !sunset.ended ? one('keep', 'Take end back') : null}
      {one('withdraw', 'Withdraw')}
    </span>
  );
}
