import { Button, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { api, take } from '../../../api/client.ts';
import { accountQueries } from '../../../api/queries/account.ts';
import { queryClient } from '../../../api/query-client.ts';
import { ErrorNotice } from '../../../components/states.tsx';
import { useSession } from '../../../session/session.ts';
import styles from './explorer.module.css';

/** Calls carry a key, here as everywhere. One that is made here ends by itself tomorrow, and is forgotten with the page. */
export function KeyField({
  product,
  value,
  onChange,
}: {
  readonly product: string;
  readonly value: string;
  readonly onChange: (key: string) => void;
}) {
  const { may } = useSession();
  const create = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/account/keys', {
          body: { name: `service explorer of ${product}`.slice(0, 100), scopes: ['call'], expiresInDays: 1 },
        }),
      ),
    onSuccess: ({ key }) => {
      onChange(key);
      void queryClient.invalidateQueries({ queryKey: accountQueries.keys().queryKey });
    },
  });
  return (
    <div className="stack" style={{ '--gap': '6px' }}>
      <div className="row" style={{ alignItems: 'flex-end' }}>
        <PasswordInput
          className={styles.key}
          label="API key"
          placeholder="A key of your account that may call"
          autoComplete="off"
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value.trim())}
        />
        {may('key:manage') && value === '' ? (
          <Button variant="default" loading={create.isPending} onClick={() => create.mutate()}>
            Use a key for one day
          </Button>
        ) : null}
      </div>
      <p className="small faint">It stays on this page, and goes nowhere but into the calls that you run.</p>
      <ErrorNotice error={create.error} />
    </div>
  );
}
