import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';
import { providersQuery } from '../../api/queries/session.ts';
import { toast } from '../../components/toast.ts';
import styles from './entry.module.css';

/** Single sign-on, where the operator has configured it. */
export function Providers({ returnTo }: { returnTo: string }) {
  const query = useQuery(providersQuery());
  const start = useMutation({
    mutationFn: (provider: string) =>
      take(
        api.POST('/api/sign-in/providers/{provider}', { params: { path: { provider } }, body: { returnTo } }),
      ),
    onSuccess: ({ url }) => window.location.assign(url),
    onError: toast.failed,
  });
  const providers = query.data?.items ?? [];
  if (providers.length === 0) return null;
  return (
    <>
      {providers.map((provider) => (
        <Button
          key={provider.id}
          variant="default"
          loading={start.isPending && start.variables === provider.id}
          onClick={() => start.mutate(provider.id)}
        >
          Continue with {provider.name}
        </Button>
      ))}
      <div className={styles.or}>or</div>
    </>
  );
}
