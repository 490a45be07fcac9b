import {
  type Batches,
  CallProblem,
  type Found,
  folderOf,
  type JobRow,
} from '../../domains/webservices/index.ts';
import type { Member } from '../../platform/authorize.ts';
import { SoukError } from '../../platform/errors.ts';
import { azureError } from './azureml.errors.ts';
import { type BlobLinks, type BlobPlace, locationOf, type Reach } from './bes.blobs.ts';

export interface BesNeeds {
  readonly batches: Batches;
  readonly links: BlobLinks;
  readonly publicUrl: string;
  nowMs(): number;
}

const jobPath = /^\/jobs(?:\/([0-9a-z]{1,64})(\/start)?)?$/i;
const bad = (code: string, message: string) => azureError('BadArgument', code, message);

/**
 * Batch jobs: submit, start, status, cancel. `rest` is what stands behind `/services/{ep}`; `by` is who came with a key of the account, and
 * undefined for one with a key of the endpoint.
 */
export async function answerBes(
  { batches, links, publicUrl, nowMs }: BesNeeds,
  { service, endpoint }: Found,
  request: { readonly method: string; readonly rest: string; readonly text: string },
  by?: Member,
): Promise<{ status: number; body: unknown }> {
  const [, id, start] = jobPath.exec(request.rest) ?? [];
  const place: BlobPlace = { accountId: service.accountId, workspace: service.workspace, publicUrl };
  const { method } = request;

  if (id === undefined) {
    if (method !== 'POST') throw bad('MissingJobId', 'The address names no job. POST submits one.');
    return { status: 200, body: await submit() };
  }
  const job = await batches.find(endpoint.id, id.toLowerCase());
  if (!job) throw azureError('NotFound', 'JobNotFound', `This endpoint has no job ${id}.`);
  if (start && method === 'POST') {
    if (!(await batches.start(job.id)))
      throw azureError(
        'InvalidOperation',
        'CannotStartJob',
        `The job cannot be started: its state is ${stateNow(job)}.`,
      );
    return { status: 204, body: undefined };
  }
  if (!start && method === 'DELETE') {
    await batches.cancel(service, endpoint, job.id, by);
    return { status: 204, body: undefined };
  }
  if (!start && method === 'GET') return { status: 200, body: statusOf(job) };
  throw bad('InvalidQueryParameter', `${method} is not taken here.`);

  async function submit(): Promise<string> {
    const { Input, Inputs, Outputs, GlobalParameters } = bodyOf(request.text);
    const { input, output } = service.schema;
    if (Input !== undefined && Input !== null && Inputs !== undefined && Inputs !== null)
      throw bad('DuplicateInputInBatchCall', 'Send Inputs, or Input, but not both.');
    const named = Inputs ?? (Input ? { [input.name]: Input } : undefined);
    if (!isObject(named) || Object.keys(named).length === 0)
      throw bad('BatchJobInputsNotSpecified', `Inputs is missing; it holds "${input.name}".`);
    const names = Object.keys(named);
    if (names.length > 1)
      throw bad('BatchJobInputsTooManySpecified', `The service has one input, "${input.name}".`);
    if (names[0] !== input.name)
      throw bad('InvalidInputNames', `There is no input "${names[0]}"; it is called "${input.name}".`);
    const outputs = Outputs ?? {};
    if (!isObject(outputs)) throw bad('RequestBodyInvalid', 'Outputs must be an object.');
    for (const name of Object.keys(outputs))
      if (name !== output.name)
        throw bad(
          'InvalidOutputOverrideName',
          `There is no output "${name}"; it is called "${output.name}", in this case.`,
        );
    const parameters = GlobalParameters ?? {};
    if (!isObject(parameters)) throw bad('RequestBodyInvalid', 'GlobalParameters must be an object.');
    const reach: Reach = { folder: folderOf(endpoint), everything: by !== undefined };
    const reading: Reach = {
      ...reach,
      signed: (path, token) => links.open(path, new URLSearchParams(token), place, nowMs()),
    };
    const to = outputs[output.name];
    try {
      return await batches.submit(service, endpoint, {
        input: locationOf(input.name, named[input.name], place, reading),
        output: to == null ? null : locationOf(output.name, to, place, reach),
        parameters,
        by,
      });
    } catch (error) {
      if (error instanceof CallProblem) throw azureError('BadUserArgument', error.code, error.message);
      if (error instanceof SoukError && error.code === 'web_service.jobs_limit')
        throw azureError(
          'ServiceUnavailable',
          'TooManyConcurrentRequests',
          `${error.message} ${error.remedy}`,
          { 'retry-after': '60' },
        );
      if (error instanceof SoukError && error.code.startsWith('location.'))
        throw bad(
          error.code === 'location.missing' ? 'BlobNotFound' : 'InvalidBlob',
          `${error.message} ${error.remedy}`,
        );
      throw error;
    }
  }

  function statusOf(j: JobRow) {
    const finished = j.state === 'Finished';
    return {
      StatusCode: j.state,
      Results: finished ? { [service.schema.output.name]: links.reference(j.output, place, nowMs()) } : null,
      Details: j.failure === null ? null : `${j.failure} requestId = ${j.id}`,
      CreatedAt: j.createdAt.toISOString(),
      StartTime: j.startedAt?.toISOString() ?? null,
      EndTime: j.endedAt?.toISOString() ?? null,
      RowsProcessed: j.rowsDone,
    };
  }
}

const stateNow = (j: JobRow) => (j.state === 'NotStarted' && j.startedAt ? 'Running' : j.state);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function bodyOf(text: string): Record<string, unknown> {
  if (text.trim() === '') throw bad('RequestIsEmpty', 'The request has no body.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad('RequestBodyInvalid', `The body is not JSON: ${(error as Error).message}.`);
  }
  if (!isObject(value)) throw bad('RequestBodyInvalid', 'The body must be a JSON object.');
  for (const name of Object.keys(value))
    if (!['Input', 'Inputs', 'Output', 'Outputs', 'GlobalParameters'].includes(name))
      throw bad(
        'RequestBodyInvalid',
        `"${name.slice(0, 60)}" is not known beside Inputs, Outputs and GlobalParameters.`,
      );
  return value;
}
