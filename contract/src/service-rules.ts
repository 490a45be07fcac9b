import type { ProductDocument } from './document.ts';
import type { Findings } from './document-findings.ts';
import type { DocumentContext } from './document-rules.ts';
import { operationRules } from './service-operation-rules.ts';
import type { ServiceAuthentication, ServiceSection } from './services.ts';

/** What the service behind a web-service product must say before it can be called: where it is, how Souk signs in, what it answers. */
export function serviceRules(document: ProductDocument, context: DocumentContext, found: Findings) {
  const { service: s = {}, versions = [] } = document;
  if (versions.length > 0)
    found.add(
      '/versions',
      'service.versions',
      'A web service has no versions of its own: buyers call the service as it is, as version v1.',
      'Remove the versions; describe operations under Service.',
    );
  address(s, context, found);
  authentication(s, found);
  const operations = s.operations ?? [];
  if (s.isOData) {
    if (operations.length > 0)
      found.add(
        '/service/operations',
        'service.operations_unused',
        'An OData service says its operations itself ($metadata); these are not used.',
        'Remove them, or say that the service is not OData.',
        'warning',
      );
  } else if (operations.length === 0)
    found.add(
      '/service/operations',
      'document.too_few',
      'No operation is described, so there is nothing that buyers could call.',
      'Describe one, import them from OpenAPI, Swagger or a CSDL mapping, or say that the service is OData.',
    );
  else operationRules(operations, found);
  sample(s, found);
  s.corsOrigins?.forEach((origin, i) => {
    if (origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)) return;
    found.add(
      `/service/corsOrigins/${i}`,
      'service.origin',
      `"${origin}" is no origin of web pages.`,
      'Write it as https://www.example.com, without a path; * is all of them.',
    );
  });
}

function address({ url }: ServiceSection, context: DocumentContext, found: Findings) {
  const at = '/service/url';
  if (!found.required(url, at, 'The service URL')) return;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    found.add(at, 'document.url', 'The service URL is no web address.', 'Begin it with https:// and a host.');
    return;
  }
  if (parsed.username || parsed.password)
    found.add(
      at,
      'service.url_credentials',
      'The service URL carries a user name or password; reviewers would read it.',
      'Choose Basic as the authentication scheme; the password is sealed.',
    );
  if (parsed.hash || (parsed.search && parsed.search !== ''))
    found.add(
      at,
      'service.url_query',
      'The service URL has a query or a fragment, which the paths of calls cannot be added to.',
      'Give the root only; fixed parameters belong to the requests of operations, a key to the authentication scheme.',
    );
  if (parsed.protocol === 'http:' && parsed.origin !== context.ownOrigin)
    found.add(
      at,
      'service.not_encrypted',
      'The service URL is not https: what buyers send, and the credentials, could be read on their way.',
      'Serve it by https; without, it is called only in networks that the operator allows (SOUK_OUTBOUND_ALLOW).',
      context.plainHttp === false ? 'error' : 'warning',
    );
}

function authentication({ authentication: a }: ServiceSection, found: Findings) {
  const at = '/service/authentication';
  if (!a) {
    found.add(
      `${at}/scheme`,
      'document.missing',
      'It is not said how Souk signs in at the service.',
      'Choose Header, Query parameter, Basic or None.',
    );
    return;
  }
  const problem = credentialPlaceProblem(a);
  if (problem) found.add(`${at}/${problem.field}`, 'service.authentication', problem.message, problem.remedy);
  if (a.scheme !== 'none' && !a.credentialId)
    found.add(
      `${at}/credentialId`,
      'service.credential_missing',
      'The credential is missing: Souk has nothing to sign in with.',
      'Give it under Service, or with `souk services credential`; it is sealed and never shown again.',
    );
}

// They frame the message, where a second opinion is how requests are smuggled; or say who calls, and where the call has been.
const ownHeaders =
  /^(connection|content-length|content-type|accept|accept-encoding|expect|host|keep-alive|proxy-authorization|te|trailer|transfer-encoding|upgrade|via|x-request-id|souk-.*)$/i;
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

/** A header that would end its line could begin another: with the publisher's own credential, in everybody's calls. */
function credentialPlaceProblem(a: ServiceAuthentication) {
  if (a.scheme === 'header') {
    if (!a.headerName)
      return {
        field: 'headerName',
        message: 'The name of the header is missing.',
        remedy: 'Most services read Authorization.',
      };
    if (!headerName.test(a.headerName))
      return {
        field: 'headerName',
        message: 'The name of the header has characters that no header may have.',
        remedy: 'Use letters, digits and hyphens.',
      };
    if (ownHeaders.test(a.headerName))
      return {
        field: 'headerName',
        message: `Souk sets the header ${a.headerName} itself.`,
        remedy: 'Take the header that the service reads its key from.',
      };
  }
  if (a.scheme === 'query' && !/^[A-Za-z0-9._~$-]{1,100}$/.test(a.parameterName ?? ''))
    return {
      field: 'parameterName',
      message: 'The name of the query parameter is missing or not one.',
      remedy: 'Use letters, digits, dot, hyphen and underscore, as in api-key.',
    };
  if (a.scheme === 'basic' && !/^[^:\p{Cc}]{1,255}$/u.test(a.userName ?? ''))
    return {
      field: 'userName',
      message: 'The user name is missing, or has a colon or a control character.',
      remedy: 'Give the user name that the service expects; many take any.',
    };
  return undefined;
}

/** Why a secret cannot be sent with the scheme; undefined when it can. Said when it is given, since nobody can look at it later. */
export function credentialProblem(
  scheme: ServiceAuthentication['scheme'],
  secret: string,
): string | undefined {
  if (scheme === 'none') return 'the authentication scheme is none';
  if (secret.trim() === '') return 'it is empty';
  if (/[\r\n]/.test(secret)) return 'it has a line break';
  if (!/^[\t\x20-\x7e]*$/.test(secret) && scheme === 'header')
    return 'it has characters that a header cannot carry';
  if (/\p{Cc}/u.test(secret.replaceAll('\t', ''))) return 'it has a control character';
  if (secret !== secret.trim()) return 'it begins or ends with a blank';
  return undefined;
}

/** Test Connection, the trial run and the watch over the service all send it. */
function sample({ sample: given, isOData, operations = [] }: ServiceSection, found: Findings) {
  const at = '/service/sample';
  if (!given) {
    found.add(
      at,
      'document.missing',
      'There is no sample call: nothing could show that the service answers.',
      isOData
        ? "Give a path with its query under the root, such as Score(age=39,workclass='Private')."
        : 'Choose an operation and give its arguments.',
    );
    return;
  }
  if (isOData) {
    if (/^[a-z][a-z0-9+.-]*:|^\/\/|\\|(^|\/)\.\.?(\/|$)|#/i.test(given.operation) || given.operation === '')
      found.add(
        `${at}/operation`,
        'service.sample_path',
        'The sample is no path under the root of the service.',
        'Give it relative to the service URL, with its query and without "..".',
      );
    return;
  }
  const operation = operations.find((o) => o.name === given.operation);
  if (!operation) {
    found.add(
      `${at}/operation`,
      'service.sample_operation',
      `The sample calls ${given.operation || 'nothing'}, which is no operation of the service.`,
      `Choose among ${operations.map((o) => o.name).join(', ') || 'the operations once there are some'}.`,
    );
    return;
  }
  const known = new Set(operation.parameters.map((p) => p.name));
  const values = given.arguments ?? {};
  for (const name of Object.keys(values))
    if (!known.has(name))
      found.add(
        `${at}/arguments/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        'service.sample_arguments',
        `${operation.name} has no parameter ${name}.`,
        'Remove it from the sample, or describe the parameter.',
      );
  for (const p of operation.parameters)
    if (isRequired(p) && values[p.name] === undefined)
      found.add(
        `${at}/arguments`,
        'service.sample_arguments',
        `The sample does not give ${p.name}.`,
        'Give it a value, or give the parameter a default.',
      );
}

/** A default makes a parameter optional, and so does being nullable. */
export const isRequired = (p: { default?: string | null; nullable?: boolean }): boolean =>
  p.default === undefined && p.nullable !== true;
