import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { versionQueries } from '../../api/queries/versions.ts';
import { queryClient } from '../../api/query-client.ts';
import type { components } from '../../api/schema.gen.ts';
import { ConfirmDanger } from '../../components/confirm-danger.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { toast } from '../../components/toast.ts';
import { StandingNotice } from '../../components/version-standing.tsx';
import { plural } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';
import { type VersionAction, VersionDialog } from '../publish/versions/version-dialog.tsx';

type Versions = components['schemas']['ReleasedVersions'];

/** Versions that were withdrawn, and those of any product: for reports that cannot wait. */
export function OperateVersionsPage() {
  const [typed, setTyped] = useState('');
  const [product, setProduct] = useState('');
  const query = useQuery(versionQueries.operator(product));
  return (
    <Page title="Versions" lead="Withdraw a version of any product at once, or bring one back.">
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          setProduct(typed.trim());
        }}
      >
        <TextInput
          aria-label="Address of a product"
          placeholder="publisher/product"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" variant="default">
          Find
        </Button>
      </form>
      <QueryView query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Panel>
              <EmptyState title="Nothing is withdrawn">
                Find a product by its address to withdraw a version of it.
              </EmptyState>
            </Panel>
          ) : (
            <div className="stack" style={{ '--gap': '16px' }}>
              {items.map((versions) => (
                <OneProduct key={versions.productId} versions={versions} onlyWithdrawn={product === ''} />
              ))}
            </div>
          )
        }
      </QueryView>
    </Page>
  );
}

function OneProduct({ versions, onlyWithdrawn }: { versions: Versions; onlyWithdrawn: boolean }) {
  const { may } = useSession();
  const [asked, setAsked] = useState<VersionAction | null>(null);
  const [restored, setRestored] = useState<string | null>(null);
  return (
    <Panel title={versions.product}>
      <div className="stack" style={{ '--gap': '12px' }}>
        {versions.items
          .filter((v) => !onlyWithdrawn || v.state === 'withdrawn')
          .map((v) => (
            <div key={v.number} className="stack" style={{ '--gap': '8px' }}>
              <div className="row">
                <strong>{v.number}</strong>
                <StatusBadge state={v.state} />
                <span className="small faint">{plural(v.subscribers, 'subscriber')}</span>
                {!may('operator:manage') ? null : v.state === 'withdrawn' ? (
                  <Button variant="default" size="compact-xs" onClick={() => setRestored(v.number)}>
                    Bring {v.number} back
                  </Button>
                ) : (
                  <Button
                    variant="subtle"
                    color="red"
                    size="compact-xs"
                    onClick={() => setAsked({ kind: 'withdraw', number: v.number })}
                  >
                    Withdraw {v.number}
                  </Button>
                )}
              </div>
              <StandingNotice number={v.number} standing={v.standing} />
            </div>
          ))}
      </div>
      {asked ? (
        <VersionDialog versions={versions} action={asked} asOperator onClose={() => setAsked(null)} />
      ) : null}
      {restored ? <Restore versions={versions} number={restored} onClose={() => setRestored(null)} /> : null}
    </Panel>
  );
}

function Restore({ versions, number, onClose }: { versions: Versions; number: string; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const restore = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/operator/products/{productId}/versions/{version}/restore', {
          params: { path: { productId: versions.productId, version: number } },
          body: { reason: reason.trim() },
        }),
      ),
    onSuccess: () => {
      toast.done(`Version ${number} of ${versions.product} is back.`);
      void queryClient.invalidateQueries({ queryKey: ['operator', 'versions'] });
      onClose();
    },
  });
  return (
    <ConfirmDanger
      opened
      onClose={onClose}
      title={`Bring version ${number} of ${versions.product} back?`}
      action="Bring it back"
      tone="accent"
      busy={restore.isPending}
      error={restore.error}
      onConfirm={() => restore.mutate()}
    >
      <div className="stack" style={{ '--gap': '16px' }}>
        <p>Its subscribers may call it again within a second, and are told why.</p>
        <Textarea
          label="Reason"
          required
          maxLength={1000}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </div>
    </ConfirmDanger>
  );
}
