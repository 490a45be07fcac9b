import type { Readable } from 'node:stream';
import type { Directory, Found } from '../../domains/webservices/index.ts';
import type { Authorizer, Caller, Member } from '../../platform/authorize.ts';
import { SoukError } from '../../platform/errors.ts';
import { AzureError, azureError } from './azureml.errors.ts';
import { answerBes, type BesNeeds } from './bes.ts';
import { type HelpPage, helpPage } from './help.ts';
import { answerManagement, type ManagementNeeds, type Manager } from './management.ts';
import { swaggerOf } from './swagger.ts';

export interface ControlRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly ip: string;
  readonly text: string;
}

export interface ControlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or text, or a file. */
  readonly body: string | Readable | undefined;
}

export interface ControlNeeds extends Omit<ManagementNeeds, 'publicUrl'>, BesNeeds {
  /** Who calls, by a key of the account; throws when it is none. */
  authenticate(request: { headers: ControlRequest['headers']; ip: string }): Promise<Caller>;
  readonly authorizer: Pick<Authorizer, 'may'>;
}

const hex = '([0-9a-f]{32})';
const servicePath = new RegExp(`^/workspaces/${hex}/services/${hex}(/.*)$`, 'i');
const managementPath = new RegExp(
  `^/workspaces/${hex}/webservices(?:/${hex}(?:/endpoints(?:/([^/]{1,100})(?:/([a-z]{1,20}))?)?)?)?/?$`,
  'i',
);
const endpointsPath = /\/endpoints\/?$/i;
const helpPath = new RegExp(
  `^/apihelp/workspaces/${hex}/webservices/${hex}/endpoints/([a-z0-9]{1,24})(?:/(score|jobs|update))?/?$`,
  'i',
);
const blobPath = new RegExp(`^/workspaces/${hex}/blobs/(.+)$`, 'i');

/** What of the azureml dialect is answered here and not in the gateway: batch jobs, management, swagger, help pages, results. */
export function newAzureMlControl(needs: ControlNeeds) {
  const { directory, batches, links, publicUrl, nowMs } = needs;

  async function answer(request: ControlRequest): Promise<ControlAnswer> {
    const at = request.url.indexOf('?');
    const path = at < 0 ? request.url : request.url.slice(0, at);
    const query = new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1));
    const help = helpPath.exec(path);
    if (help) return helped(help, request.method);
    const management = managementPath.exec(path);
    if (management) return managed(request, path, management);
    const blob = blobPath.exec(path);
    if (blob) return result(request.method, blob, query);
    const service = servicePath.exec(path);
    if (service) return called(request, service, query);
    throw azureError('NotFound', 'WebServiceNotFound', 'There is nothing at this address.');
  }

  async function called(
    request: ControlRequest,
    [, workspace = '', endpointId = '', rest = '']: string[],
    query: URLSearchParams,
  ): Promise<ControlAnswer> {
    const found = await directory.endpoint(workspace.toLowerCase(), endpointId.toLowerCase());
    if (rest === '/swagger.json' && request.method === 'GET')
      return json(200, swaggerOf(found ?? missing(), publicUrl), { 'access-control-allow-origin': '*' });
    if (!rest.startsWith('/jobs'))
      throw azureError('NotFound', 'WebServiceNotFound', 'There is nothing at this address.');
    const of = await ownKey(request.headers);
    if (!found) return missing();
    const by = of?.id === found.endpoint.id ? undefined : await ownerOf(request, found);
    requireVersion(request.method, query);
    const { method, text } = request;
    const { status, body } = await answerBes(needs, found, { method, rest, text }, by);
    return json(status, body);
  }

  /** Batch jobs take a key of the account too: of one who may manage web services, and files, which such a job reads and writes. */
  async function ownerOf({ headers, ip }: ControlRequest, { service }: Found): Promise<Member> {
    const caller = await needs.authenticate({ headers: withBearer(headers), ip }).catch((error: unknown) => {
      if (error instanceof SoukError) return undefined;
      throw error;
    });
    if (
      caller?.kind === 'member' &&
      caller.via === 'key' &&
      // One that is limited to some things of the account is not for all of its files.
      caller.limit === null &&
      caller.accountId === service.accountId &&
      needs.authorizer.may(caller, 'webservice:manage') &&
      needs.authorizer.may(caller, 'file:manage')
    )
      return caller as Member;
    throw azureError(
      'Unauthorized',
      'ScoreRequestUnauthorized',
      'Invalid credentials provided: send Authorization: Bearer with a key of this endpoint.',
    );
  }

  /** As the vendor's clients call it: with the version, which DELETE may leave out. */
  function requireVersion(method: string, query: URLSearchParams) {
    const version = [...query].find(([name]) => name.toLowerCase() === 'api-version')?.[1];
    if (version === '2.0' || (version === undefined && method === 'DELETE')) return;
    throw azureError('BadArgument', 'BadVersionCall', 'The query must name the version: api-version=2.0.');
  }

  async function managed(
    request: ControlRequest,
    path: string,
    [, workspace = '', serviceId, endpointName, verb]: string[],
  ): Promise<ControlAnswer> {
    const { status, body } = await answerManagement(needs, await managerOf(request), {
      method: request.method,
      workspace: workspace.toLowerCase(),
      serviceId: serviceId?.toLowerCase(),
      endpointName,
      verb:
        verb?.toLowerCase() ?? (endpointName === undefined && endpointsPath.test(path) ? 'list' : undefined),
      body: parsed(request.text),
    });
    return json(status, body);
  }

  async function managerOf(request: ControlRequest): Promise<Manager> {
    const own = await ownKey(request.headers);
    if (own) return { member: asMember(own), endpointId: own.id, mayChange: true };
    const caller = await needs.authenticate({ headers: withBearer(request.headers), ip: request.ip });
    // A cookie is sent by the browser whoever wrote the page, and these addresses are for programs.
    if (caller.kind !== 'member' || caller.via !== 'key' || !needs.authorizer.may(caller, 'webservice:read'))
      throw azureError(
        'Unauthorized',
        'ManagementRequestUnauthorized',
        'Send Authorization: Bearer with a key of the account, or of the endpoint.',
      );
    return {
      member: caller as Member,
      endpointId: null,
      mayChange: needs.authorizer.may(caller, 'webservice:manage'),
    };
  }

  async function ownKey(headers: ControlRequest['headers']) {
    const [, key] = /^(?:bearer) +(\S+)$/i.exec(String(headers.authorization ?? '').trim()) ?? [];
    return key === undefined ? undefined : await directory.byKey(key);
  }

  async function helped(
    [, workspace = '', serviceId = '', name = '', page = 'score']: string[],
    method: string,
  ): Promise<ControlAnswer> {
    if (method !== 'GET' && method !== 'HEAD')
      throw azureError('BadArgument', 'InvalidQueryParameter', 'Help pages are read with GET.');
    const found = await directory.endpointNamed(workspace.toLowerCase(), serviceId.toLowerCase(), name);
    if (!found) return missing();
    return {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'content-security-policy':
          "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      },
      body: helpPage(page.toLowerCase() as HelpPage, found, directory.urls(found)),
    };
  }

  async function result(
    method: string,
    [, workspace = '', encoded = '']: string[],
    query: URLSearchParams,
  ): Promise<ControlAnswer> {
    if (method !== 'GET')
      throw azureError('BadArgument', 'InvalidQueryParameter', 'Results are read with GET.');
    const accountId = await batches.accountOf(workspace.toLowerCase());
    if (!accountId) throw azureError('NotFound', 'WorkspaceNotFound', 'There is no such workspace.');
    const place = { accountId, workspace: workspace.toLowerCase() };
    const location = links.open(decoded(encoded), query, place, nowMs());
    const body = await batches.open(accountId, location);
    return {
      status: 200,
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': 'attachment',
        'cache-control': 'no-store',
        'access-control-allow-origin': '*',
      },
      body,
    };
  }

  return {
    matches: (path: string) => /^\/(?:workspaces|apihelp)\//.test(path),
    async handle(request: ControlRequest): Promise<ControlAnswer> {
      try {
        return await answer(request);
      } catch (error) {
        if (error instanceof AzureError) throw error;
        if (error instanceof SoukError) throw fromSouk(error);
        throw error;
      }
    },
  };
}

const missing = (): never => {
  throw azureError('NotFound', 'WebServiceNotFound', 'There is no such endpoint, or it was deleted.');
};

const json = (status: number, body: unknown, headers: Record<string, string> = {}): ControlAnswer => ({
  status,
  headers: body === undefined ? headers : { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: body === undefined ? undefined : JSON.stringify(body),
});

function parsed(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw azureError(
      'BadArgument',
      'RequestBodyInvalid',
      `The body is not JSON: ${(error as Error).message}.`,
    );
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw azureError('BadArgument', 'InvalidBlob', 'The path is not percent-encoded as it should be.');
  }
}

/** The vendor's clients write the scheme in small letters. */
const withBearer = (headers: ControlRequest['headers']) => ({
  ...headers,
  ...(headers.authorization === undefined
    ? {}
    : { authorization: String(headers.authorization).replace(/^bearer +/i, 'Bearer ') }),
  cookie: undefined,
});

/** Who manages an endpoint with its key: nobody's person, in the account's name. */
const asMember = (
  of: { readonly name: string; readonly accountId: string } & Pick<Found['endpoint'], 'id'>,
): Member => ({
  kind: 'member',
  personId: `web-service-endpoint ${of.id}`,
  email: `web service endpoint ${of.name}`,
  accountId: of.accountId,
  roles: [],
  via: 'key',
  scopes: [],
  keyId: null,
  limit: null,
  withheld: [],
});

const byKind = {
  invalid: ['BadArgument', 'BadParameterValue'],
  unauthenticated: ['Unauthorized', 'ManagementRequestUnauthorized'],
  forbidden: ['Unauthorized', 'AdminRequestUnauthorized'],
  missing: ['NotFound', 'WebServiceNotFound'],
  conflict: ['Conflict', 'BadParameterValue'],
  precondition: ['InvalidOperation', 'BadParameterValue'],
  limited: ['ServiceUnavailable', 'TooManyConcurrentRequests'],
  unavailable: ['ServiceUnavailable', 'NoMoreResources'],
  internal: ['InternalError', 'UnknownError'],
} as const;

function fromSouk(error: SoukError): AzureError {
  const [errorClass, code] = byKind[error.definition.kind];
  return azureError(errorClass, code, `${error.message} ${error.remedy}`);
}
export type AzureMlControl = ReturnType<typeof newAzureMlControl>;
export type { Directory };
