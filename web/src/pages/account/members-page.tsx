import { Button, Modal } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { accountQueries } from '../../api/queries/account.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Invitation, Member } from '../../api/types.ts';
import { ConfirmDanger } from '../../components/confirm-danger.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { Badge, StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';
import { EditMember } from './edit-member.tsx';
import { InviteForm } from './invite-form.tsx';
import { roleWords } from './roles.ts';

const refresh = () => queryClient.invalidateQueries({ queryKey: ['account'] });

export function MembersPage() {
  const { may, session } = useSession();
  const members = useQuery(accountQueries.members());
  const invitations = useQuery({ ...accountQueries.invitations(), enabled: may('member:manage') });
  const [inviting, setInviting] = useState(false);
  const [edited, setEdited] = useState<Member | null>(null);
  const [removed, setRemoved] = useState<Member | null>(null);
  const manage = may('member:manage');
  const pending = invitations.data?.items.filter((i) => i.state === 'pending') ?? [];
  return (
    <Page
      title="Members"
      lead={`Who acts for ${session.account?.name ?? 'this account'}, and what they may do.`}
      actions={
        manage ? (
          <Button leftSection={<PlusIcon />} onClick={() => setInviting(true)}>
            Invite
          </Button>
        ) : null
      }
    >
      <Panel flush>
        <QueryView query={members}>
          {({ items }) => (
            <DataTable
              label="Members"
              columns={memberColumns(manage, setEdited, setRemoved)}
              rows={items}
              rowKey={(m) => m.person.id}
              exportName="members"
              empty={<EmptyState title="No members" />}
            />
          )}
        </QueryView>
      </Panel>
      {pending.length > 0 ? (
        <Panel title="Invitations" flush>
          <DataTable
            label="Invitations"
            columns={invitationColumns}
            rows={pending}
            rowKey={(i) => i.id}
            empty={null}
          />
        </Panel>
      ) : null}
      <Modal opened={inviting} onClose={() => setInviting(false)} title="Invite by mail">
        <InviteForm
          onDone={() => {
            setInviting(false);
            void refresh();
          }}
        />
      </Modal>
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={`Roles of ${edited?.person.name ?? ''}`}
      >
        {edited ? <EditMember member={edited} onDone={() => setEdited(null)} /> : null}
      </Modal>
      <Removal member={removed} onClose={() => setRemoved(null)} />
    </Page>
  );
}

const memberColumns = (
  manage: boolean,
  edit: (member: Member) => void,
  remove: (member: Member) => void,
): Column<Member>[] => [
  {
    key: 'name',
    header: 'Name',
    value: (m) => m.person.name,
    cell: (m) => (
      <>
        <span style={{ fontWeight: 500 }}>{m.person.name}</span>
        <span className="tiny faint" style={{ display: 'block' }}>
          {m.person.email}
        </span>
      </>
    ),
  },
  {
    key: 'roles',
    header: 'Roles',
    value: (m) => m.roles.join(' '),
    cell: (m) => (
      <span className="row" style={{ '--gap': '4px' }}>
        {m.roles.map((role) => (
          <Badge key={role} tone="neutral">
            {roleWords[role].name}
          </Badge>
        ))}
        {m.withheld.length > 0 ? (
          <span className="tiny muted">
            {m.withheld.length} {m.withheld.length === 1 ? 'resource' : 'resources'} withheld
          </span>
        ) : null}
      </span>
    ),
  },
  {
    key: 'since',
    header: 'Since',
    align: 'end',
    value: (m) => m.since,
    cell: (m) => <RelativeTime at={m.since} />,
  },
  {
    key: 'actions',
    header: '',
    align: 'end',
    cell: (m) =>
      manage ? (
        <span className="row-nowrap" style={{ justifyContent: 'flex-end', '--gap': '4px' }}>
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={`Change roles of ${m.person.name}`}
            onClick={() => edit(m)}
          >
            Roles
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            aria-label={`Remove ${m.person.name}`}
            onClick={() => remove(m)}
          >
            Remove
          </Button>
        </span>
      ) : null,
  },
];

const invitationColumns: readonly Column<Invitation>[] = [
  {
    key: 'email',
    header: 'E-mail',
    value: (i) => i.email,
    cell: (i) => <span style={{ fontWeight: 500 }}>{i.email}</span>,
  },
  {
    key: 'roles',
    header: 'Roles',
    value: (i) => i.roles.join(' '),
    cell: (i) => i.roles.map((role) => roleWords[role].name).join(', '),
  },
  { key: 'state', header: 'State', value: (i) => i.state, cell: (i) => <StatusBadge state={i.state} /> },
  {
    key: 'expires',
    header: 'Ends',
    align: 'end',
    value: (i) => i.expiresAt,
    cell: (i) => <RelativeTime at={i.expiresAt} />,
  },
  { key: 'withdraw', header: '', align: 'end', cell: (i) => <Withdraw invitation={i} /> },
];

function Withdraw({ invitation }: { invitation: Invitation }) {
  const withdraw = useMutation({
    mutationFn: () =>
      take(
        api.DELETE('/api/account/invitations/{invitationId}', {
          params: { path: { invitationId: invitation.id } },
        }),
      ),
    onSuccess: () => {
      toast.done(`The invitation of ${invitation.email} is withdrawn.`);
      void refresh();
    },
    onError: toast.failed,
  });
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      color="gray"
      loading={withdraw.isPending}
      aria-label={`Withdraw the invitation of ${invitation.email}`}
      onClick={() => withdraw.mutate()}
    >
      Withdraw
    </Button>
  );
}

function Removal({ member, onClose }: { member: Member | null; onClose: () => void }) {
  const { session } = useSession();
  const remove = useMutation({
    mutationFn: (personId: string) =>
      take(api.DELETE('/api/account/members/{personId}', { params: { path: { personId } } })),
    onSuccess: () => {
      onClose();
      void refresh();
    },
  });
  const account = session.account?.name ?? 'this account';
  return (
    <ConfirmDanger
      opened={member !== null}
      onClose={onClose}
      title={`Remove ${member?.person.name ?? ''} from ${account}?`}
      action="Remove member"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => member && remove.mutate(member.person.id)}
    >
      {member?.person.email} loses access to {account} at once. API keys that they made stay with the account;
      revoke those that should stop.
    </ConfirmDanger>
  );
}
