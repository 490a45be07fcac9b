import { Button, Modal, NumberInput } from '@mantine/core';
import { governanceLimits } from '@souk/contract/community-limits';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../api/client.ts';
import { governanceQueries, refreshGovernance } from '../../api/queries/governance.ts';
import type { AccessRequest } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { TextForm } from '../../components/text-dialog.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';

type Deciding = { readonly request: AccessRequest; readonly decision: 'approve' | 'deny' };

/** Requests for approval: for admins, the inbox of the account; for others, their own. */
export function RequestsPage() {
  const { may } = useSession();
  const manage = may('governance:manage');
  const query = useInfiniteQuery(governanceQueries.requests(null));
  const [deciding, setDeciding] = useState<Deciding | null>(null);
  const withdraw = useMutation({
    mutationFn: (requestId: string) =>
      take(api.DELETE('/api/account/governance/requests/{requestId}', { params: { path: { requestId } } })),
    onSuccess: () => void refreshGovernance(),
    onError: toast.failed,
  });
  return (
    <Page
      title="Requests"
      lead={
        manage
          ? 'Members who want to subscribe to what needs an approval. Nobody decides on their own request.'
          : 'What you asked your admins to approve.'
      }
      width="wide"
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Requests"
              columns={columns(manage, setDeciding, (request) => withdraw.mutate(request.id))}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(r) => r.id}
              exportName="requests"
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState title="No requests">
                  A member sends one from the dialog in which they subscribe, where the rules want an
                  approval.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
      <Modal
        opened={deciding !== null}
        onClose={() => setDeciding(null)}
        title={`${deciding?.decision === 'approve' ? 'Approve' : 'Deny'} ${deciding?.request.productTitle ?? ''}`}
      >
        {deciding ? <Decide deciding={deciding} onClose={() => setDeciding(null)} /> : null}
      </Modal>
    </Page>
  );
}

const columns = (
  manage: boolean,
  decide: (deciding: Deciding) => void,
  withdraw: (request: AccessRequest) => void,
): Column<AccessRequest>[] => [
  {
    key: 'product',
    header: 'Product',
    value: (r) => `${r.publisher}/${r.product}`,
    cell: (r) => (
      <>
        <Link to={`/products/${r.publisher}/${r.product}`} style={{ fontWeight: 500 }}>
          {r.productTitle}
        </Link>
        <span className="tiny faint" style={{ display: 'block' }}>
          Plan {r.planId}
        </span>
      </>
    ),
  },
  {
    key: 'reason',
    header: 'Reason',
    value: (r) => r.reason,
    cell: (r) => (
      <>
        <span className="break">{r.reason}</span>
        <span className="tiny faint break" style={{ display: 'block' }}>
          {r.requestedBy}
        </span>
      </>
    ),
  },
  {
    key: 'state',
    header: 'State',
    value: (r) => r.state,
    cell: (r) => (
      <>
        <StatusBadge state={r.state} />
        {r.decidedBy ? (
          <span className="tiny muted break" style={{ display: 'block' }}>
            {r.decidedBy}: {r.decisionReason}
          </span>
        ) : null}
        {r.state === 'approved' && r.expiresAt ? (
          <span className="tiny muted" style={{ display: 'block' }}>
            until <RelativeTime at={r.expiresAt} />
          </span>
        ) : null}
      </>
    ),
  },
  {
    key: 'at',
    header: 'Sent',
    align: 'end',
    value: (r) => r.createdAt,
    cell: (r) => <RelativeTime at={r.createdAt} />,
  },
  {
    key: 'actions',
    header: '',
    align: 'end',
    cell: (r) =>
      r.mine && (r.state === 'pending' || r.state === 'approved') ? (
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          aria-label={`Withdraw the request for ${r.productTitle}`}
          onClick={() => withdraw(r)}
        >
          Withdraw
        </Button>
      ) : manage && r.state === 'pending' ? (
        <span className="row-nowrap" style={{ justifyContent: 'flex-end', '--gap': '4px' }}>
          <Button
            size="compact-sm"
            aria-label={`Approve ${r.productTitle} for ${r.requestedBy}`}
            onClick={() => decide({ request: r, decision: 'approve' })}
          >
            Approve
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Deny ${r.productTitle} for ${r.requestedBy}`}
            onClick={() => decide({ request: r, decision: 'deny' })}
          >
            Deny
          </Button>
        </span>
      ) : null,
  },
];

function Decide({ deciding, onClose }: { deciding: Deciding; onClose: () => void }) {
  const { request, decision } = deciding;
  const [days, setDays] = useState<number>(governanceLimits.approvalDays.default);
  const decide = useMutation({
    mutationFn: (reason: string) =>
      take(
        api.POST('/api/account/governance/requests/{requestId}/decision', {
          params: { path: { requestId: request.id } },
          body: { decision, reason, ...(decision === 'approve' ? { days } : {}) },
        }),
      ),
    onSuccess: () => {
      onClose();
      toast.done(`${request.requestedBy} is told.`);
      void refreshGovernance();
    },
  });
  return (
    <TextForm
      onClose={onClose}
      label="Reason"
      action={decision === 'approve' ? 'Approve' : 'Deny'}
      charsMax={governanceLimits.reasonChars}
      busy={decide.isPending}
      error={decide.error}
      onSend={(reason) => decide.mutate(reason)}
    >
      <p className="small muted break">
        {request.requestedBy}: {request.reason}
      </p>
      {decision === 'approve' ? (
        <NumberInput
          label="Good for so many days"
          description="For one subscription of this plan, by whoever asked."
          min={1}
          max={governanceLimits.approvalDays.max}
          allowDecimal={false}
          value={days}
          onChange={(value) => setDays(Number(value) || governanceLimits.approvalDays.default)}
        />
      ) : null}
    </TextForm>
  );
}
