import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { isApiError } from './errors.ts';
import type { Session } from './types.ts';

export const sessionKey = ['session'] as const;

/** A 401 while somebody is signed in means that the session has ended: ask again who is here, and let the shell say so. */
function noticeEndedSession(error: unknown) {
  if (!isApiError(error) || error.code !== 'request.unauthenticated') return;
  const session = queryClient.getQueryData<Session>(sessionKey);
  if (session?.person) void queryClient.invalidateQueries({ queryKey: sessionKey });
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEndedSession }),
  mutationCache: new MutationCache({ onError: noticeEndedSession }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => count < 2 && (!isApiError(error) || error.status >= 500),
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4_000),
    },
    mutations: { retry: false },
  },
});
