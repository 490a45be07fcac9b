import { createHash } from 'node:crypto';
import { ServiceFailure } from '@souk/contract';
import { answerCall, type CallSettings, versionHeader } from './call.ts';
import { csdlOf } from './csdl.ts';
import { csdlXml } from './csdl-xml.ts';
import { type Model, newModel } from './model.ts';
import { contentType, negotiate, plainJson, readVersion } from './negotiate.ts';
import { errorBody, ODataFailure, refuse, shown } from './odata.failure.ts';
import type { Execute, FaceAddress, FaceAnswer, FaceLimits, FaceSettings, ODataFace } from './odata.ts';
import { type Options, readOptions } from './options.ts';
import { newPaging } from './paging.ts';
import { type Path, parsePath } from './path.ts';
import { writeServiceDocument } from './write.ts';

const defaults: FaceLimits = {
  pageSize: 100,
  pageSizeMax: 1000,
  rowsMax: 20_000,
  pagesMax: 200,
  urlLengthMax: 32_768,
  bodyBytesMax: 4 * 1024 * 1024,
};

/** Resources of the protocol that this face has not. */
const unsupportedRoots = new Set(['$all', '$batch', '$crossjoin', '$entity', '$query']);

/** What may be done with what the path names; empty: there is nothing. */
function methodsOf(model: Model, { first }: Path): readonly string[] {
  if (!first || first.name === '$metadata') return ['GET', 'HEAD', 'OPTIONS'];
  const reads = model.byFunction.has(first.name);
  const asks = model.byAction.has(first.name) || model.byBatch.has(first.name);
  return reads || asks ? [...(reads ? ['GET', 'HEAD'] : []), ...(asks ? ['POST'] : []), 'OPTIONS'] : [];
}

function failed(error: unknown): FaceAnswer {
  const failure =
    error instanceof ServiceFailure
      ? error
      : new ODataFailure('odata.failed', 'Something broke on our side. Try again.');
  const headers = failure instanceof ODataFailure ? failure.headers : {};
  const status = failure.status >= 400 && failure.status <= 599 ? failure.status : 500;
  return {
    response: new Response(JSON.stringify(errorBody(failure)), {
      status,
      headers: {
        ...versionHeader,
        'Content-Type': contentType(plainJson),
        'Content-Language': 'en',
        ...headers,
      },
    }),
    records: 0,
  };
}

/** Operations as an OData 4.0 service: Intermediate conformance, read only, without state. */
export function newODataFace(settings: FaceSettings, execute: Execute): ODataFace {
  const model = newModel(settings);
  const csdl = csdlOf(model);
  const json = JSON.stringify(csdl);
  const xml = csdlXml(csdl, model.namespace);
  const secret = settings.pagingSecret ?? createHash('sha256').update(json).digest('hex');
  const call: CallSettings = {
    model,
    execute,
    limits: { ...defaults, ...settings.limits },
    paging: newPaging(secret),
  };
  const parameters = new Map(
    model.operations.map(({ name, parameters }) => [
      name,
      new Set(parameters.map((parameter) => parameter.name)),
    ]),
  );
  const none: ReadonlySet<string> = new Set();

  function answerDocument(request: Request, root: string, path: Path, options: Options): FaceAnswer {
    const isMetadata = path.first !== undefined;
    for (const name of [...options.system.keys(), ...options.custom.keys()])
      if (name !== '$format')
        refuse('odata.unknown_option', `${shown(name)} means nothing here`, shown(name));
    const format = negotiate(
      request.headers.get('Accept'),
      options.system.get('$format'),
      isMetadata ? 'metadata' : 'data',
    );
    const body = isMetadata
      ? format.kind === 'xml'
        ? xml
        : json
      : writeServiceDocument(model, root, format);
    return {
      response: new Response(request.method === 'HEAD' ? null : body, {
        status: 200,
        headers: { ...versionHeader, 'Content-Type': contentType(format) },
      }),
      records: 0,
    };
  }

  async function handle(request: Request, address: FaceAddress): Promise<FaceAnswer> {
    const text = address.path.replace(/^\/+/, '').replace(/#.*$/s, '');
    if (text.length > call.limits.urlLengthMax)
      throw new ODataFailure(
        'odata.too_long',
        `The address is longer than ${call.limits.urlLengthMax} characters; ask the action with POST`,
        { status: 414 },
      );
    const question = text.indexOf('?');
    const encodedPath = question < 0 ? text : text.slice(0, question);
    const encodedQuery = question < 0 ? '' : text.slice(question + 1);
    const path = parsePath(encodedPath);
    const name = path.first?.name ?? '';
    if (unsupportedRoots.has(name)) refuse('odata.not_supported', `${name} is not supported here`, 'path');
    const methods = methodsOf(model, path);
    if (!methods.length)
      refuse(
        'odata.not_found',
        `There is no ${shown(name)} here; there are ${shown([...model.byFunction.keys(), ...model.byAction.keys()].join(', '), 300)}`,
        'path',
      );
    const allow = methods.join(', ');
    if (request.method === 'OPTIONS')
      return {
        response: new Response(null, { status: 204, headers: { ...versionHeader, Allow: allow } }),
        records: 0,
      };
    if (!methods.includes(request.method))
      throw new ODataFailure(
        'odata.method_not_allowed',
        `${shown(request.method)} is not allowed here, but ${allow}`,
        {
          headers: { Allow: allow },
        },
      );
    const body = readVersion(request.headers, 'OData-Version');
    const max = readVersion(request.headers, 'OData-MaxVersion');
    if (request.headers.has('OData-Isolation'))
      refuse('odata.precondition', 'Snapshots of one moment are not kept', 'OData-Isolation');
    const options = readOptions(encodedQuery, (max ?? body ?? 4) > 4, parameters.get(name) ?? none);
    if (!path.first || path.first.name === '$metadata') {
      if (path.rest.length) refuse('odata.not_found', 'There is nothing under this', 'path');
      return answerDocument(request, address.root.replace(/\/+$/, ''), path, options);
    }
    return answerCall(call, {
      request,
      root: address.root.replace(/\/+$/, ''),
      encodedPath,
      encodedQuery,
      path,
      options,
    });
  }

  return {
    async handle(request, address) {
      try {
        return await handle(request, address);
      } catch (error) {
        return failed(error);
      }
    },
  };
}
