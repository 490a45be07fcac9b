import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { accountQueries } from '../../api/queries/account.ts';
import { queryClient, sessionKey } from '../../api/query-client.ts';
import type { Account } from '../../api/types.ts';
import { CopyableId } from '../../components/copy.tsx';
import { Page } from '../../components/page.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { ErrorNotice, QueryView } from '../../components/states.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';
import { SchemeSwitch } from '../../shell/scheme-switch.tsx';
import { roleWords } from './roles.ts';

export function SettingsPage() {
  const { session } = useSession();
  const query = useQuery(accountQueries.account());
  return (
    <Page title="Account settings" width="narrow">
      <QueryView query={query}>{(account) => <Settings key={account.id} account={account} />}</QueryView>
      <Panel title="You">
        <Facts>
          <Fact name="Name">{session.person?.name}</Fact>
          <Fact name="E-mail">{session.person?.email}</Fact>
          <Fact name="Roles here">{session.roles.map((role) => roleWords[role].name).join(', ')}</Fact>
        </Facts>
      </Panel>
      <Panel title="Appearance" note="On this device">
        <SchemeSwitch />
      </Panel>
    </Page>
  );
}

function Settings({ account }: { account: Account }) {
  const { may } = useSession();
  const [name, setName] = useState(account.name);
  const rename = useMutation({
    mutationFn: () => take(api.PATCH('/api/account', { body: { name: name.trim() } })),
    onSuccess: (saved) => {
      queryClient.setQueryData(accountQueries.account().queryKey, saved);
      void queryClient.invalidateQueries({ queryKey: sessionKey });
      toast.done('The account is renamed.');
    },
  });
  return (
    <Panel title="Account">
      <div className="stack" style={{ '--gap': '16px' }}>
        <Facts>
          <Fact name="Account id">
            <CopyableId id={account.id} what="account id" />
          </Fact>
          <Fact name="Created">
            <RelativeTime at={account.createdAt} />
          </Fact>
          <Fact name="Kind">{account.operator ? 'Runs this marketplace' : null}</Fact>
        </Facts>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            rename.mutate();
          }}
        >
          <TextInput
            label="Name"
            required
            withAsterisk={false}
            maxLength={100}
            disabled={!may('account:update')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <ErrorNotice error={rename.error} />
          {may('account:update') ? (
            <div>
              <Button
                type="submit"
                variant="default"
                disabled={name.trim() === '' || name === account.name}
                loading={rename.isPending}
              >
                Rename
              </Button>
            </div>
          ) : null}
        </form>
      </div>
    </Panel>
  );
}
