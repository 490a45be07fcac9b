import type { BetterAuthOptions } from 'better-auth';
import type { OidcProvider } from '../../platform/config.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { resetMs, sessionCookie, sessionMs, sessionProlongMs } from './accounts.ts';

/** What the library asks of us while it works. */
export interface LibraryHooks {
  /** The account that a new session acts for. */
  accountFor(personId: string): Promise<string | null>;
  /** Before single sign-on makes a new person. */
  mayJoin(person: { email: string; emailVerified: boolean }): Promise<boolean>;
  sendReset(person: { id: string; email: string; name: string }, token: string): Promise<void>;
  resetDone(personId: string): Promise<void>;
}

type Config = Pick<Platform, 'config' | 'db' | 'keys' | 'log'>;

/**
 * better-auth: passwords, sessions, resets, single sign-on. Loaded when it is first needed, since it takes some 150 ms and
 * 30 MB; a process that only checks keys and cookies never does. Each single sign-on provider has an instance of its own over
 * the same tables: one that cannot be reached must not keep people from signing in with a password.
 */
export function newLibrary(platform: Config, hooks: LibraryHooks) {
  let plain: ReturnType<typeof build> | undefined;
  const withProvider = new Map<string, ReturnType<typeof build>>();
  return {
    base() {
      plain ??= build(platform, hooks);
      return plain;
    },
    /** Reads the provider's discovery document the first time; a failure is tried again at the next call. */
    provider(p: OidcProvider) {
      const known = withProvider.get(p.id);
      if (known) return known;
      const made = build(platform, hooks, p);
      withProvider.set(p.id, made);
      made.catch(() => withProvider.delete(p.id));
      return made;
    },
  };
}
export type Library = ReturnType<typeof newLibrary>;

async function build(platform: Config, hooks: LibraryHooks, provider?: OidcProvider) {
  const [{ betterAuth }, { APIError }, plugins] = await Promise.all([
    import('better-auth'),
    import('better-auth/api'),
    provider ? providerPlugins(provider) : [],
  ]);
  const auth = betterAuth({
    ...optionsOf(platform),
    plugins,
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 1,
      maxPasswordLength: 512,
      resetPasswordTokenExpiresIn: resetMs / 1000,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }) => hooks.sendReset(user, token),
      onPasswordReset: ({ user }) => hooks.resetDone(user.id),
    },
    databaseHooks: {
      user: {
        create: {
          before: async (user) => {
            if (!(await hooks.mayJoin(user)))
              throw new APIError('FORBIDDEN', {
                code: 'invitation_needed',
                message: 'New people join by invitation.',
              });
            return { data: { name: user.name || (user.email.split('@')[0] ?? user.email) } };
          },
        },
      },
      // The provider's tokens are of no use to us, so they are not kept.
      account: { create: { before: withoutTokens }, update: { before: withoutTokens } },
      session: {
        create: { before: async (s) => ({ data: { accountId: await hooks.accountFor(s.userId) } }) },
      },
    },
  });
  await auth.$context;
  return auth;
}

async function providerPlugins(p: OidcProvider) {
  const { genericOAuth } = await import('better-auth/plugins/generic-oauth');
  return [
    genericOAuth({
      config: [
        {
          providerId: p.id,
          name: p.name,
          clientId: p.clientId,
          clientSecret: p.clientSecret,
          discoveryUrl: `${p.issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`,
          scopes: ['openid', 'email', 'profile'],
          requireIdTokenVerification: true,
        },
      ],
    }),
  ];
}

const withoutTokens = async () => ({
  data: {
    accessToken: null,
    refreshToken: null,
    idToken: null,
    accessTokenExpiresAt: null,
    refreshTokenExpiresAt: null,
  },
});

const prefixes: Readonly<Record<string, string>> = {
  user: 'per',
  session: 'ses',
  account: 'crd',
  verification: 'ver',
};
const times = { createdAt: 'created_at', updatedAt: 'updated_at' };

function optionsOf({ config, db, keys, log }: Config) {
  const { origin, protocol } = new URL(config.publicUrl);
  return {
    appName: 'Souk',
    baseURL: origin,
    basePath: '/api/auth',
    secret: keys.session,
    database: { db, type: 'postgres', transaction: true },
    telemetry: { enabled: false },
    // Our own limiter counts before the library is asked.
    rateLimit: { enabled: false },
    logger: {
      level: 'warn',
      log: (level, message) => log[level === 'error' ? 'warn' : 'debug']({ part: 'sign-in' }, message),
    },
    onAPIError: { errorURL: `${config.publicUrl}/sign-in` },
    advanced: {
      cookiePrefix: 'souk',
      useSecureCookies: false,
      cookies: { session_token: { name: sessionCookie } },
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', secure: protocol === 'https:', path: '/' },
      database: { generateId: ({ model }) => newId(prefixes[model] ?? 'aut') },
    },
    user: { modelName: 'auth_users', fields: { emailVerified: 'email_verified', ...times } },
    session: {
      modelName: 'auth_sessions',
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        ...times,
      },
      additionalFields: {
        accountId: { type: 'string', required: false, input: false, fieldName: 'account_id' },
      },
      expiresIn: sessionMs / 1000,
      updateAge: sessionProlongMs / 1000,
    },
    account: {
      modelName: 'auth_credentials',
      fields: {
        userId: 'user_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        ...times,
      },
      // A provider's person is taken for ours with the same address only when both have shown that the address is theirs.
      accountLinking: { enabled: true, requireLocalEmailVerified: true },
    },
    verification: {
      modelName: 'auth_verifications',
      fields: { expiresAt: 'expires_at', ...times },
      storeIdentifier: 'hashed',
    },
  } satisfies BetterAuthOptions;
}
