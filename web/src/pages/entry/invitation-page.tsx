import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { invitationQuery } from '../../api/queries/session.ts';
import type { Invitation } from '../../api/types.ts';
import { PageQuery } from '../../components/page-query.tsx';
import { ErrorNotice, Notice } from '../../components/states.tsx';
import { formatDate } from '../../format/format.ts';
import { enter } from '../../session/actions.ts';
import { useSession } from '../../session/session.ts';
import { EntryFrame } from './entry-frame.tsx';

export function InvitationPage() {
  const { token = '' } = useParams();
  const query = useQuery(invitationQuery(token));
  return (
    <PageQuery query={query} title="Invitation">
      {(invitation) => <Offer invitation={invitation} token={token} />}
    </PageQuery>
  );
}

function Offer({ invitation, token }: { invitation: Invitation; token: string }) {
  const { session, signedIn } = useSession();
  const navigate = useNavigate();
  const accept = useMutation({
    mutationFn: () => take(api.POST('/api/invitations/{token}/accept', { params: { path: { token } } })),
    onSuccess: async (joined) => {
      enter(joined);
      await navigate('/');
    },
  });
  const here = encodeURIComponent(`/invitations/${token}`);
  return (
    <EntryFrame
      title={`Join ${invitation.accountName}`}
      lead={`As ${invitation.roles.join(', ')}. The invitation was sent to ${invitation.email} and is valid until ${formatDate(invitation.expiresAt)}.`}
    >
      {signedIn ? (
        <>
          <Notice tone="info">You are signed in as {session.person?.email}.</Notice>
          <ErrorNotice error={accept.error} />
          <Button loading={accept.isPending} onClick={() => accept.mutate()}>
            Join {invitation.accountName}
          </Button>
        </>
      ) : (
        <>
          <Button component={Link} to={`/sign-up?invitation=${encodeURIComponent(token)}`}>
            Create a sign-in
          </Button>
          <Button component={Link} to={`/sign-in?returnTo=${here}`} variant="default">
            I have one: sign in
          </Button>
        </>
      )}
    </EntryFrame>
  );
}
