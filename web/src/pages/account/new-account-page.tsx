import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, take } from '../../api/client.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ErrorNotice } from '../../components/states.tsx';
import { useSwitchAccount } from '../../session/actions.ts';

export function NewAccountPage() {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const switching = useSwitchAccount();
  const create = useMutation({
    mutationFn: async () => {
      const account = await take(api.POST('/api/accounts', { body: { name: name.trim() } }));
      await switching.mutateAsync(account.id);
    },
    onSuccess: async () => {
      await navigate('/account');
    },
  });
  return (
    <Page
      title="Create another account"
      lead="Products, subscriptions and invoices belong to an account. You become its admin."
      width="narrow"
    >
      <Panel>
        <form
          className="stack"
          style={{ '--gap': '16px' }}
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <TextInput
            label="Name"
            description="Of the organisation or the team."
            required
            withAsterisk={false}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <ErrorNotice error={create.error} />
          <div>
            <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
              Create account
            </Button>
          </div>
        </form>
      </Panel>
    </Page>
  );
}
