import type { ServiceSection } from '@souk/contract';
import { type Outbound, OutboundError, type OutboundStep } from '../../platform/outbound.ts';
import { answerSizeBytesMax, serviceTimeoutMs } from './services.call.ts';
import { Failed } from './services.connection.failed.ts';
import { signedIn } from './services.request.ts';

export interface ConnectionOptions {
  readonly outbound: Outbound;
  readonly credential: string | null;
  /** Why there is no credential to send though one is needed. */
  readonly credentialProblem?: { readonly message: string; readonly remedy: string } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Calls the sample without the credential, too, and warns where it is answered. */
  readonly tryWithout?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
}

/** The root as it is written; without user and password, which would be the publisher's own way around the sealed credential. */
export function rootOf({ url = '' }: ServiceSection): string {
  if (!URL.canParse(url))
    throw new Failed(
      'connection.url',
      '/service/url',
      'There is no service URL to call.',
      'Give it under Service.',
    );
  const { username, password } = new URL(url);
  if (username || password)
    throw new Failed(
      'connection.url_credentials',
      '/service/url',
      'The service URL carries a user name or password; it is not called.',
      'Remove them, and choose Basic as the authentication scheme: the password is sealed there.',
    );
  return url;
}

/** One request under the root, signed in as buyers' calls are. */
export async function ask(
  service: ServiceSection,
  { outbound, credential }: ConnectionOptions,
  path: string,
  accept: string,
  onTheWay: (steps: readonly OutboundStep[]) => void,
): Promise<Answer> {
  const root = rootOf(service);
  const url = path === '' ? root : `${root.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
  const request = signedIn({ url, method: 'GET', headers: { accept }, body: undefined }, service, credential);
  try {
    const answer = await outbound.request({
      url: request.url,
      headers: request.headers,
      timeoutMs: service.timeoutMs ?? serviceTimeoutMs,
      redirectsMax: 0,
      bodySizeBytesMax: answerSizeBytesMax,
      headerSizeBytesMax: 64 * 1024,
    });
    onTheWay(answer.steps);
    if (answer.status >= 300 && answer.status < 400)
      throw new Failed(
        'connection.redirected',
        '/service/url',
        `The service answers with a redirect (${answer.status}), which is not followed: credentials and buyers’ data would go elsewhere.`,
        'Give the address at which the redirects end.',
      );
    return {
      status: answer.status,
      text: answer.body.toString('utf8'),
      contentType: String(answer.headers['content-type'] ?? ''),
    };
  } catch (error) {
    if (error instanceof OutboundError) onTheWay(error.steps);
    throw error;
  }
}

/** 401 and 403 are the credential's; all else is for the steps behind. */
export function requireAccepted({ authentication: a }: ServiceSection, status: number): void {
  if (status !== 401 && status !== 403) return;
  if (!a || a.scheme === 'none')
    throw new Failed(
      'connection.credentials_needed',
      '/service/authentication/scheme',
      `The service answered ${status}: it wants credentials, and the scheme is None.`,
      'Choose the authentication scheme of the service and give its credential.',
    );
  throw new Failed(
    'connection.credentials_refused',
    '/service/authentication/credentialId',
    status === 401
      ? 'The service answered 401: it does not accept these credentials.'
      : 'The service answered 403: it knows these credentials, and does not let them in.',
    a.scheme === 'header'
      ? 'Give the whole header value again; most services want "Bearer", a blank and the key.'
      : 'Check the name of the parameter or the user, and give the credential again.',
  );
}
