import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { callerOfSession } from './accounts.authenticate.ts';
import { type Context, fromNetwork, limited, limits, type Origin, tell } from './accounts.context.ts';
import { sessionToken } from './accounts.credentials.ts';
import type { Library } from './accounts.library.ts';
import { findSession } from './accounts.people.sql.ts';
import { returnPath } from './accounts.rules.ts';
import type { WithCookies } from './accounts.sessions.service.ts';

/** Single sign-on with the OpenID Connect providers of the configuration. */
export function newProviders(context: Context, library: Library) {
  const { config, db, keys, log } = context.platform;
  const { origin } = new URL(config.publicUrl);

  async function ofId(id: string) {
    const provider =
      config.oidc.find((p) => p.id === id) ?? fail('account.provider_missing', { provider: id });
    try {
      return await library.provider(provider);
    } catch (error) {
      log.warn({ err: (error as Error).message, provider: id }, 'a sign-in provider cannot be reached');
      return fail(
        'system.unavailable',
        { part: `the sign-in provider ${provider.name}` },
        { internal: error },
      );
    }
  }

  return {
    list: () => ({ items: config.oidc.map(({ id, name }) => ({ id, name })) }),

    /** The cookie ties the way back to this browser. */
    async start(
      id: string,
      returnTo: string | undefined,
      from: Origin,
    ): Promise<WithCookies<{ url: string }>> {
      limited(context, [[limits.signUpFrom, fromNetwork(from)]]);
      const { api } = await ofId(id);
      const { response, headers } = await api.signInSocial({
        body: {
          provider: id,
          callbackURL: `${origin}${returnPath(returnTo)}`,
          errorCallbackURL: `${config.publicUrl}/sign-in`,
          disableRedirect: true,
        },
        headers: new Headers({ 'x-forwarded-for': from.ip, 'user-agent': from.userAgent }),
        returnHeaders: true,
      });
      const { url } = response;
      return {
        answer: { url: url ?? fail('account.provider_missing', { provider: id }) },
        cookies: headers.getSetCookie(),
      };
    },

    /** The provider has sent the browser back; the library checks state, nonce and signatures, and makes the session. */
    async finish(
      id: string,
      search: string,
      cookie: string,
      from: Origin,
    ): Promise<WithCookies<{ location: string }>> {
      const { handler } = await ofId(id);
      const answer = await handler(
        new Request(`${origin}/api/auth/callback/${encodeURIComponent(id)}${search}`, {
          headers: { cookie, 'x-forwarded-for': from.ip, 'user-agent': from.userAgent },
        }),
      );
      const cookies = answer.headers.getSetCookie();
      const token = sessionToken({ cookie: cookies.map((c) => c.split(';')[0]).join('; ') }, keys.session);
      const session = token ? await findSession(db, token) : undefined;
      if (session)
        await inTx(db, (tx) =>
          tell(context, tx, callerOfSession(session), 'session.started', session.id, {
            ip: from.ip,
            provider: id,
          }),
        );
      // The library answers with an address in every case it knows of; anything else is a fault of ours.
      const location =
        answer.headers.get('location') ?? `${config.publicUrl}/sign-in?error=internal_server_error`;
      return { answer: { location }, cookies };
    },
  };
}
export type Providers = ReturnType<typeof newProviders>;
