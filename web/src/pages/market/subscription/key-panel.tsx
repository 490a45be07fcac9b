import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { accountQueries } from '../../../api/queries/account.ts';
import { queryClient } from '../../../api/query-client.ts';
import { NewKeyNotice } from '../../../components/new-key.tsx';
import { Panel } from '../../../components/panel.tsx';
import { ErrorNotice } from '../../../components/states.tsx';
import { useSession } from '../../../session/session.ts';

interface Props {
  readonly product: string;
  readonly keyText: string | null;
  readonly onKey: (key: string) => void;
}

/** The key that calls it. Keys belong to the account, so one made for another product works here too. */
export function KeyPanel({ product, keyText, onKey }: Props) {
  const { may } = useSession();
  const create = useMutation({
    mutationFn: () =>
      take(api.POST('/api/account/keys', { body: { name: `calls to ${product}`, scopes: ['call'] } })),
    onSuccess: ({ key }) => {
      onKey(key);
      void queryClient.invalidateQueries({ queryKey: accountQueries.keys().queryKey });
    },
  });
  return (
    <Panel title="API key">
      <div className="stack">
        {keyText ? (
          <NewKeyNotice apiKey={keyText} />
        ) : (
          <>
            <p className="muted">
              Calls carry a key of your account. A key is shown once, when it is made; any key of this account
              with the scope <span className="mono">call</span> works here.
            </p>
            <ErrorNotice error={create.error} />
            <div className="row">
              <Button
                disabled={!may('key:manage')}
                loading={create.isPending}
                onClick={() => create.mutate()}
              >
                Create a key
              </Button>
              <Link to="/account/keys" className="small">
                Keys of this account
              </Link>
            </div>
          </>
        )}
      </div>
    </Panel>
  );
}
