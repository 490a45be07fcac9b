import { createHmac, timingSafeEqual } from 'node:crypto';
import { sessionCookie } from './accounts.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The API key that a request carries, whatever it looks like; undefined when it carries none. */
export function givenKey(headers: Headers): string | undefined {
  const { authorization, 'x-api-key': own } = headers;
  const bearer = typeof authorization === 'string' ? /^bearer +(.*)$/i.exec(authorization)?.[1] : undefined;
  return bearer?.trim() ?? (typeof own === 'string' ? own.trim() : undefined);
}

/** The token of the session cookie, if the cookie is one of ours: the library writes `<token>.<HMAC-SHA256 of it>`. */
export function sessionToken(headers: Headers, secret: string): string | undefined {
  for (const part of String(headers.cookie ?? '').split(';')) {
    const [name = '', ...value] = part.trim().split('=');
    if (name !== sessionCookie) continue;
    const [, token, signature] = /^([\w-]{16,100})\.([\w+/]{43}=)$/.exec(decoded(value.join('='))) ?? [];
    if (!token || !signature) continue;
    const right = createHmac('sha256', secret).update(token).digest();
    if (timingSafeEqual(right, Buffer.from(signature, 'base64'))) return token;
  }
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** Takes the cookie away from the browser. */
export const expiredCookie = (publicUrl: string): string =>
  `${sessionCookie}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax${publicUrl.startsWith('https:') ? '; Secure' : ''}`;
