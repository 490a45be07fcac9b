import { useMutation } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { api, take } from '../api/client.ts';
import { queryClient, sessionKey } from '../api/query-client.ts';
import type { Session } from '../api/types.ts';

/** Everything that was loaded belongs to the account that loaded it. */
export function enter(session: Session) {
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
  queryClient.setQueryData(sessionKey, session);
}

export function useSwitchAccount() {
  return useMutation({
    mutationFn: (accountId: string) => take(api.POST('/api/session/account', { body: { accountId } })),
    onSuccess: (session) => {
      queryClient.setQueryData(sessionKey, session);
      // The page stays where it is; what it shows is asked anew for the other account.
      void queryClient.resetQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
    },
  });
}

export function useSignOut() {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => take(api.POST('/api/sign-out')),
    onSuccess: async () => {
      leaving.current = true;
      await navigate('/');
      queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
      await queryClient.invalidateQueries({ queryKey: sessionKey });
      leaving.current = false;
    },
  });
}

/** True while somebody signs out on purpose: then the end of the session is no news. */
export const leaving = { current: false };
