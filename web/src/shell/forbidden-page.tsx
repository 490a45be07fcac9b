import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { Page } from '../components/page.tsx';
import { EmptyState } from '../components/states.tsx';
import { useSession } from '../session/session.ts';

export function ForbiddenPage({ actions }: { actions: readonly string[] }) {
  const { session } = useSession();
  const others = session.memberships.filter((m) => m.account.id !== session.account?.id);
  return (
    <Page title="Not for your role">
      <EmptyState
        title={`Your roles in ${session.account?.name ?? 'this account'} do not open this page`}
        actions={
          <Button component={Link} to="/" variant="default">
            Go to the catalogue
          </Button>
        }
      >
        <p>
          It needs <span className="mono">{actions.join(' or ')}</span>; you are{' '}
          {session.roles.length > 0 ? session.roles.join(', ') : 'without a role'}. An admin of the account
          can give you a role that has it.
        </p>
        {others.length > 0 ? <p>You can also switch to another of your accounts in the header.</p> : null}
      </EmptyState>
    </Page>
  );
}
