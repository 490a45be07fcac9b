import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

export interface OidcPerson {
  readonly sub: string;
  readonly email: string;
  readonly name: string;
  readonly email_verified?: boolean;
}

interface Granted {
  readonly person: OidcPerson;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string;
}

export const client = { id: 'souk', secret: 'the-clients-own-secret' };

const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

/**
 * An OpenID Connect provider (authorization code, PKCE, RS256), with a person who is always signed in and always agrees. Strict
 * in what it takes; `forge` lets it answer as an attacker's would.
 */
export async function oidcProvider() {
  const key = newKey();
  const strangersKey = newKey();
  const codes = new Map<string, Granted>();
  const state = {
    person: { sub: 'u1', email: 'sso@example.test', name: 'Sso', email_verified: true } as OidcPerson,
    forge: undefined as 'nonce' | 'signature' | 'audience' | 'expired' | undefined,
  };
  let issuer = '';

  function idToken({ person, nonce }: Granted): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: state.forge === 'audience' ? 'somebody-else' : client.id,
      iat: now,
      exp: state.forge === 'expired' ? now - 3600 : now + 300,
      nonce: state.forge === 'nonce' ? 'another' : nonce,
      ...person,
    };
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'k1' })}.${encode(claims)}`;
    const { privateKey } = state.forge === 'signature' ? strangersKey : key;
    return `${body}.${sign('RSA-SHA256', Buffer.from(body), privateKey).toString('base64url')}`;
  }

  function token(form: URLSearchParams, authorization: string | undefined): [number, object] {
    const [id, secret] = authorization?.startsWith('Basic ')
      ? Buffer.from(authorization.slice(6), 'base64').toString().split(':')
      : [form.get('client_id'), form.get('client_secret')];
    if (id !== client.id || secret !== client.secret) return [401, { error: 'invalid_client' }];
    const granted = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (granted?.redirectUri !== form.get('redirect_uri') || granted.challenge !== challenge)
      return [400, { error: 'invalid_grant' }];
    return [
      200,
      {
        access_token: 'opaque-access-token',
        token_type: 'Bearer',
        expires_in: 300,
        id_token: idToken(granted),
      },
    ];
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/.well-known/openid-configuration')
      return answer(200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
      });
    if (url.pathname === '/jwks')
      return answer(200, {
        keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }],
      });
    if (url.pathname === '/token') {
      let text = '';
      for await (const part of request) text += String(part);
      return answer(...token(new URLSearchParams(text), request.headers.authorization));
    }
    if (url.pathname !== '/authorize') return answer(404, {});
    const q = (name: string) => url.searchParams.get(name) ?? '';
    if (
      q('client_id') !== client.id ||
      q('code_challenge_method') !== 'S256' ||
      !q('scope').split(' ').includes('openid')
    )
      return answer(400, { error: 'invalid_request' });
    const code = randomUUID();
    codes.set(code, {
      person: state.person,
      redirectUri: q('redirect_uri'),
      challenge: q('code_challenge'),
      nonce: q('nonce'),
    });
    const back = new URL(q('redirect_uri'));
    back.searchParams.set('code', code);
    back.searchParams.set('state', q('state'));
    back.searchParams.set('session_state', 'extra');
    return response.writeHead(302, { location: back.href }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { issuer, state };
}
