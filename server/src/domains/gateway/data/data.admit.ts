import { whyOver } from '../calls.admit.ts';
import { type Denial, isDenied } from '../calls.subscriber.ts';
import type { PlaneParts } from '../data-plane.ts';
import type { Entitlement } from '../gateway.ts';
import { decoded, withoutParameters } from './roots.ts';
import { type DataPath, parseDataPath, type ServiceRecord } from './services.ts';

/** A request for data that may go on. */
export interface DataCall {
  readonly path: DataPath;
  readonly service: ServiceRecord;
  readonly entitlement: Entitlement;
  /** As it was sent, without the caller's key. */
  readonly query: string;
  /** The service root as buyers know it, without a slash at its end. */
  readonly root: string;
  /** Reading the service document and the metadata says what there is, and costs nothing. */
  readonly counts: boolean;
}

/** Of a query: what Excel and others make of a long filter fits many times over. */
const queryBytesMax = 65_536;

export function newDataAdmission({ settings, snapshot, subscriber }: PlaneParts, via: string) {
  const no = (code: Denial['code'], params: Denial['params'], headers: Denial['headers'] = {}): Denial => ({
    code,
    params,
    headers,
  });

  return function admit(request: Request, given: string): DataCall | Denial {
    const path = parseDataPath(given);
    if (!path) return no('data.unknown_path', { path: given.slice(0, 200), root: settings.publicUrl });
    const product = path.name;
    const page = `${settings.publicUrl}/products/${product}`;
    if (request.headers.get('via')?.includes(via)) return no('data.loop', { product });
    const sent = queryOf(request.url);
    const { headers } = request;
    const mayBeInQuery = snapshot.services.slots(product).some((s) => s.section.queryKeyAllowed);
    const queryKey = mayBeInQuery && !hasKey(headers) ? keyIn(sent) : undefined;
    const entitlement = subscriber(headers, path.publisher, path.product, queryKey);
    if (isDenied(entitlement))
      return 'www-authenticate' in entitlement.headers
        ? { ...entitlement, headers: challengeFor(headers) }
        : entitlement;
    const service = snapshot.services.find(product, entitlement.accountId);
    if (!service?.section.url) return no('data.not_a_service', { product, page });
    // Only now it is known whose call it is, and so whether the draft or what is live decides.
    const mayUseQuery = service.section.queryKeyAllowed === true;
    if (queryKey !== undefined && !mayUseQuery) return no('call.key_missing', {}, challengeFor(headers));
    const route = snapshot.route(service.productId, 'v1');
    const over = route && whyOver(route, product, settings.publicUrl);
    if (over) return over;
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
      return no('data.method', { method }, { allow: 'GET, HEAD, POST' });
    if (leavesRoot(path.rest)) return no('data.path_invalid', { path: path.rest.slice(0, 200) });
    if (/^\/(\$|%24)batch$/i.test(path.rest)) return no('data.batch', {});
    if (sent.length > queryBytesMax)
      return no('data.query_too_long', { bytes: sent.length, limitBytes: queryBytesMax });
    // A key that was sent where it is not taken is still nobody else's to see.
    const query = withoutParameters(
      sent,
      (name, value) => name === 'key' && (mayUseQuery || value.startsWith('souk_')),
    );
    return {
      path,
      service,
      entitlement,
      query,
      root: `${settings.publicUrl}/data/${product}/v1`,
      counts: !isFree(method, path.rest, query),
    };
  };
}

/** A script of a page is not told of Basic: the browser would ask the person in front of it for a password. */
export const challengeFor = (headers: Headers): Denial['headers'] => ({
  'www-authenticate': /^(cors|no-cors|same-origin)$/.test(headers.get('sec-fetch-mode') ?? '')
    ? 'Bearer'
    : 'Bearer, Basic realm="data services", charset="UTF-8"',
});

const hasKey = (headers: Headers) => Boolean(headers.get('x-api-key') || headers.get('authorization'));

/** At the root itself a query may select data; for the metadata there is none to select. */
function isFree(method: string, rest: string, query: string): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (/^\/(\$|%24)metadata\/?$/i.test(rest)) return true;
  return /^\/?$/.test(rest) && withoutParameters(query, (name) => name === '$format') === '';
}

function queryOf(url: string): string {
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at + 1);
}

function keyIn(query: string): string | undefined {
  const [, key] = /(?:^|&)key=([^&]*)/.exec(query) ?? [];
  return key === undefined ? undefined : decoded(key);
}

/**
 * Two dots between slashes, in whatever way a service behind may decode them: the credential is for its root only. Some servers
 * take what follows a semicolon for parameters of the segment, and go up at "..;" as well.
 */
const leavesRoot = (rest: string): boolean =>
  /%|\.\.|\\/.test(rest) &&
  plain(plain(rest))
    .split(/[/\\]/)
    .some((segment) => segment.replace(/;.*/s, '') === '..');
const plain = (text: string) =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
