import type { Outbound } from '../../platform/outbound.ts';
import type { Reference } from './images.rules.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * What a registry wants to see after it has answered 401: a password, or a token that its token server gives for one. Null when it
 * wants something that we have not got. The token server is asked through the same client, so it cannot be one inside.
 */
export async function tokenFor(
  outbound: Outbound,
  wanted: string,
  { repository, scheme }: Reference,
  credentials: Credentials | null,
): Promise<string | null> {
  const basic =
    credentials &&
    `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  if (/^basic\b/i.test(wanted)) return basic;
  if (!/^bearer\b/i.test(wanted)) return null;
  const values = new Map(
    [...wanted.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const realm = values.get('realm') ?? '';
  if (!URL.canParse(realm)) return null;
  const url = new URL(realm);
  // A registry that is asked over TLS must not have the password sent elsewhere without.
  if (scheme === 'https' && url.protocol !== 'https:') return null;
  const service = values.get('service');
  if (service) url.searchParams.set('service', service);
  url.searchParams.set('scope', values.get('scope') ?? `repository:${repository}:pull`);
  const answer = await outbound.request({
    url: url.href,
    headers: basic ? { authorization: basic } : {},
    timeoutMs: 30_000,
    bodySizeBytesMax: 256 * 1024,
  });
  if (answer.status !== 200) return null;
  try {
    const { token, access_token: other } = JSON.parse(answer.body.toString('utf8')) as Record<
      string,
      unknown
    >;
    const given = typeof token === 'string' ? token : other;
    return typeof given === 'string' ? `Bearer ${given}` : null;
  } catch {
    return null;
  }
}
