import { webServiceLimits as limits, type WebServiceEndpointChange } from '@souk/contract';
import type {
  Directory,
  EndpointRow,
  Found,
  WebServiceEndpoints,
  WebServiceRow,
  WebServices,
} from '../../domains/webservices/index.ts';
import type { Member } from '../../platform/authorize.ts';
import { azureError } from './azureml.errors.ts';

export interface ManagementNeeds {
  readonly directory: Directory;
  readonly services: Pick<WebServices, 'remove'>;
  readonly endpoints: WebServiceEndpoints;
  readonly publicUrl: string;
}

/** Who asks: a member of the account with a workspace token, or a key of one endpoint. */
export interface Manager {
  readonly member: Member;
  /** Id of the only endpoint that it may manage; null: all of the account. */
  readonly endpointId: string | null;
  readonly mayChange: boolean;
}

interface Asked {
  readonly method: string;
  readonly workspace: string;
  readonly serviceId: string | undefined;
  readonly endpointName: string | undefined;
  readonly verb: string | undefined;
  readonly body: unknown;
}

const bad = (code: string, message: string) => azureError('BadArgument', code, message);
const unauthorized = (message: string) =>
  azureError('Unauthorized', 'ManagementRequestUnauthorized', message);
const missing = (code: string, what: string) =>
  azureError('NotFound', code, `There is no ${what} in this workspace.`);

/** Management of web services and their endpoints, as the classic API has it (reference, section 2d). */
export async function answerManagement(
  { directory, services, endpoints, publicUrl }: ManagementNeeds,
  { member, endpointId, mayChange }: Manager,
  { method, workspace, serviceId, endpointName, verb, body }: Asked,
): Promise<{ status: number; body: unknown }> {
  if (directory.workspaceOf(member.accountId) !== workspace)
    throw unauthorized('The token is of another workspace.');
  if (method !== 'GET' && !mayChange) throw unauthorized('The token may look, and change nothing.');
  if (serviceId === undefined) {
    if (endpointId !== null) throw unauthorized('The key of an endpoint manages this endpoint only.');
    only(method, 'GET');
    return ok(await Promise.all((await directory.list(member.accountId)).map(serviceView)));
  }
  const service = (await directory.service(workspace, serviceId)) ?? missingService();
  if (endpointName === undefined && verb === undefined) {
    if (endpointId !== null) throw unauthorized('The key of an endpoint manages this endpoint only.');
    if (method === 'DELETE') {
      await services.remove(member, serviceId);
      return { status: 204, body: undefined };
    }
    if (method === 'PUT')
      throw azureError(
        'InvalidOperation',
        'WebServiceTypeInvalid',
        'Code cannot be published here: deploy a model package with POST /api/web-services.',
      );
    only(method, 'GET');
    return ok(await serviceView(service));
  }
  if (endpointName === undefined) {
    only(method, 'GET');
    const all = await directory.endpoints(serviceId);
    return ok(
      all.filter((e) => endpointId === null || e.id === endpointId).map((e) => endpointView(service, e)),
    );
  }
  if (method === 'PUT' && verb === undefined) {
    if (endpointId !== null) throw unauthorized('The key of an endpoint makes no other endpoints.');
    if (!/^[a-z0-9]{1,24}$/.test(endpointName))
      throw bad('BadParameterValue', 'The name of an endpoint has 1 to 24 lower-case letters and digits.');
    const { readOnly, ...settings } = settingsOf(body);
    const made = await endpoints.create(member, serviceId, { name: endpointName, ...settings });
    if (readOnly) await endpoints.update(member, serviceId, endpointName, { readOnly });
    const found = await directory.endpointNamed(workspace, serviceId, endpointName);
    if (!found) throw missing('EndpointNotFound', `endpoint ${endpointName}`);
    const { primaryKey: PrimaryKey, secondaryKey: SecondaryKey } = made.keys;
    return { status: 201, body: { ...endpointView(service, found.endpoint), PrimaryKey, SecondaryKey } };
  }
  const found = await directory.endpointNamed(workspace, serviceId, endpointName);
  if (!found) throw missing('EndpointNotFound', `endpoint ${endpointName}`);
  if (endpointId !== null && endpointId !== found.endpoint.id)
    throw unauthorized('The key of an endpoint manages this endpoint only.');
  return await one(found);

  async function one({ endpoint }: Found): Promise<{ status: number; body: unknown }> {
    const { name } = endpoint;
    if (verb === 'refresh') {
      only(method, 'POST');
      if (endpoint.isDefault)
        throw azureError(
          'InvalidOperation',
          'BadParameterValue',
          'The default endpoint cannot be refreshed: it is always as its web service.',
        );
      // All endpoints of a web service answer from the same model and schema, so there is never anything to bring up to date.
      return { status: 304, body: undefined };
    }
    if (verb === 'regeneratekey') {
      only(method, 'POST');
      const { KeyType } = objectOf(body);
      const which = String(KeyType ?? '').toLowerCase();
      if (which !== 'primary' && which !== 'secondary')
        throw bad('MissingKeys', 'KeyType must be Primary or Secondary.');
      const keys = await endpoints.regenerate(member, service.id, name, which);
      return ok({ PrimaryKey: keys.primaryKey, SecondaryKey: keys.secondaryKey });
    }
    if (verb !== undefined) throw bad('BadParameterValue', `"${verb}" is not known here.`);
    if (method === 'GET') return ok(endpointView(service, endpoint));
    if (method === 'DELETE') {
      await endpoints.remove(member, service.id, name);
      return { status: 204, body: undefined };
    }
    only(method, 'PATCH');
    if (Array.isArray(objectOf(body).Resources))
      throw azureError(
        'InvalidOperation',
        'IncompatibleModel',
        'The model of an endpoint cannot be patched: update the endpoint behind the web service to another version.',
      );
    await endpoints.update(member, service.id, name, settingsOf(body));
    const after = await directory.endpointNamed(workspace, service.id, name);
    return ok(after && endpointView(service, after.endpoint));
  }

  function missingService(): never {
    throw missing('WebServiceIdNotFoundInWorkspace', `web service ${serviceId}`);
  }

  async function serviceView(s: WebServiceRow) {
    const all = await directory.endpoints(s.id);
    return {
      Id: s.id,
      Name: s.name,
      Description: s.description,
      CreationTime: s.createdAt.toISOString(),
      WorkspaceId: s.workspace,
      DefaultEndpointName: all.find((e) => e.isDefault)?.name ?? null,
      EndpointCount: all.length,
    };
  }

  function endpointView(s: WebServiceRow, e: EndpointRow) {
    const urls = directory.urls({ service: s, endpoint: e });
    return {
      Name: e.name,
      Description: e.description,
      CreationTime: e.createdAt.toISOString(),
      WebServiceId: s.id,
      WorkspaceId: s.workspace,
      EndpointId: e.id,
      HelpLocation: urls.help.replace(/\/score$/, ''),
      // Only their hashes are kept: keys are shown when they are made.
      PrimaryKey: null,
      SecondaryKey: null,
      ApiLocation: publicUrl,
      ExecuteLocation: urls.execute,
      ODataLocation: urls.odata,
      SwaggerLocation: urls.swagger,
      Version: 1,
      PreventUpdate: e.readOnly,
      SampleDataEnabled: e.sampleData,
      ExperimentLocation: `${publicUrl}/web-services/${s.id}`,
      MaxConcurrentCalls: e.maxConcurrentCalls,
      DiagnosticsTraceLevel: e.logging,
      ThrottleLevel: e.maxConcurrentCalls > limits.concurrencyMin ? 'High' : 'Low',
      Resources: [],
    };
  }
}

const ok = (body: unknown) => ({ status: 200, body });

function only(method: string, wanted: string) {
  if (method !== wanted) throw bad('InvalidQueryParameter', `${method} is not taken here; use ${wanted}.`);
}

function objectOf(body: unknown): Record<string, unknown> {
  if (body === undefined) return {};
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw bad('RequestBodyInvalid', 'The body must be a JSON object.');
  return body as Record<string, unknown>;
}

/** The vendor's names for the settings of an endpoint; what is not named stays. */
function settingsOf(body: unknown): WebServiceEndpointChange {
  const given = objectOf(body);
  const level = given.ThrottleLevel === undefined ? undefined : String(given.ThrottleLevel).toLowerCase();
  if (level !== undefined && level !== 'low' && level !== 'high')
    throw bad('BadParameterValue', 'ThrottleLevel must be Low or High.');
  const calls = given.MaxConcurrentCalls ?? undefined;
  const { concurrencyMin: min, concurrencyDefault, concurrencyMax: max } = limits;
  if (calls !== undefined && (!Number.isInteger(calls) || Number(calls) < min || Number(calls) > max))
    throw bad(
      'WebServiceConcurrentRequestRequirementInvalid',
      `MaxConcurrentCalls must be a whole number from ${min} to ${max}.`,
    );
  const trace = given.DiagnosticsTraceLevel;
  if (trace !== undefined && trace !== 'None' && trace !== 'Error' && trace !== 'All')
    throw bad('BadParameterValue', 'DiagnosticsTraceLevel must be None, Error or All.');
  for (const name of ['PreventUpdate', 'SampleDataEnabled'])
    if (given[name] !== undefined && typeof given[name] !== 'boolean')
      throw bad('BadParameterValue', `${name} must be true or false.`);
  if (
    given.Description !== undefined &&
    (typeof given.Description !== 'string' || given.Description.length > 2000)
  )
    throw bad('BadParameterValue', 'Description must be text of up to 2000 characters.');
  const most = calls ?? (level === 'low' ? min : level === 'high' ? concurrencyDefault : undefined);
  return {
    ...(typeof given.Description === 'string' ? { description: given.Description } : {}),
    ...(most === undefined ? {} : { maxConcurrentCalls: Number(most) }),
    ...(trace === undefined ? {} : { logging: trace }),
    ...(typeof given.SampleDataEnabled === 'boolean' ? { sampleData: given.SampleDataEnabled } : {}),
    ...(given.PreventUpdate === true ? { readOnly: true as const } : {}),
  };
}
