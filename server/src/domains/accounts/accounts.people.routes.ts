import { operations } from '@souk/contract';
import { may, type RequestContext, type Route, route } from '../../platform/http.ts';
import type { Origin } from './accounts.context.ts';
import type { Accounts } from './accounts.service.ts';
import type { WithCookies } from './accounts.sessions.service.ts';

const originOf = ({ ip, headers }: RequestContext): Origin => ({
  ip,
  userAgent: String(headers['user-agent'] ?? '').slice(0, 300),
});

/** Sets the cookies and answers the rest. */
async function withCookies<T>({ reply }: RequestContext, work: Promise<WithCookies<T>>): Promise<T> {
  const { answer, cookies } = await work;
  if (cookies.length > 0) reply.header('set-cookie', [...cookies]);
  return answer;
}

/** Signing up, in and out; passwords; single sign-on; the session. */
export const peopleRoutes = (accounts: Accounts): Route[] => [
  route({
    ...operations.signUp,
    who: may('session:create'),
    handle: (request) => withCookies(request, accounts.signUp(request.body, originOf(request))),
  }),
  route({
    ...operations.signIn,
    who: may('session:create'),
    handle: (request) => withCookies(request, accounts.signIn(request.body, originOf(request))),
  }),
  route({
    ...operations.signOut,
    who: may('session:create'),
    handle: (request) => withCookies(request, accounts.sessions.end(request.caller, request.headers)),
  }),
  route({
    ...operations.requestPasswordReset,
    who: may('session:create'),
    handle: async (request) => {
      await accounts.resets.request(request.body.email, originOf(request));
    },
  }),
  route({
    ...operations.completePasswordReset,
    who: may('session:create'),
    handle: async (request) => {
      await accounts.resets.complete(request.body, originOf(request));
    },
  }),
  route({
    ...operations.getSession,
    who: may('session:read'),
    handle: (request) => withCookies(request, accounts.sessions.get(request.caller, request.headers)),
  }),
  route({
    ...operations.switchAccount,
    who: may('session:change'),
    handle: ({ caller, headers, body }) => accounts.sessions.switchAccount(caller, headers, body.accountId),
  }),
  route({
    ...operations.listSignInProviders,
    who: may('session:read'),
    handle: async () => accounts.providers.list(),
  }),
  route({
    ...operations.startSignInWithProvider,
    who: may('session:create'),
    handle: (request) =>
      withCookies(
        request,
        accounts.providers.start(request.params.provider, request.body.returnTo, originOf(request)),
      ),
  }),
  route({
    ...operations.finishSignInWithProvider,
    who: may('session:create'),
    handle: async (request) => {
      const { params, headers, reply } = request;
      const search = new URL(reply.request.url, 'http://souk.invalid').search;
      const work = accounts.providers.finish(
        params.provider,
        search,
        String(headers.cookie ?? ''),
        originOf(request),
      );
      const { location } = await withCookies(request, work);
      await reply.header('cache-control', 'no-store').redirect(location, 302);
    },
  }),
];
