import { type NewTransformJob, type TransformJob, transformLimits } from '@souk/contract';
import { fail } from '../../platform/errors.ts';
import { pathOf } from './transforms.paths.ts';
import { type Form, formOf, type Processing } from './transforms.processing.ts';
import type { TransformRequest } from './transforms.ts';

export const bytesPerMb = 1024 * 1024;
export type Effective = NonNullable<TransformJob['effective']>;
type Strategy = Effective['batchStrategy'];

/** What a model says of itself at GET /execution-parameters; parts that are missing or make no sense count as not said. */
export interface ExecutionParameters {
  readonly batchStrategy?: Strategy;
  readonly maxPayloadInMB?: number;
  readonly maxConcurrentTransforms?: number;
}

export function executionParameters(answer: unknown): ExecutionParameters {
  if (typeof answer !== 'object' || answer === null) return {};
  const said = answer as Record<string, unknown>;
  const within = (value: unknown, min: number, max: number) =>
    Number.isInteger(value) && Number(value) >= min ? Math.min(Number(value), max) : undefined;
  const payload = within(said.MaxPayloadInMB, 1, transformLimits.payloadMbMax);
  const concurrent = within(said.MaxConcurrentTransforms, 1, 100);
  const strategy = ({ MULTI_RECORD: 'MultiRecord', SINGLE_RECORD: 'SingleRecord' } as const)[
    String(said.BatchStrategy).toUpperCase()
  ];
  return {
    ...(strategy ? { batchStrategy: strategy } : {}),
    ...(payload === undefined ? {} : { maxPayloadInMB: payload }),
    ...(concurrent === undefined ? {} : { maxConcurrentTransforms: concurrent }),
  };
}

/** The job, else the model, else the defaults; each by itself. What the model says is cut to what may be under way at once. */
export function effectiveOf(request: TransformRequest, model: ExecutionParameters): Effective {
  const { maxPayloadInMB: payload, maxConcurrentTransforms: concurrent } = request;
  const maxPayloadInMB = payload ?? model.maxPayloadInMB ?? transformLimits.payloadMbDefault;
  const fitting = Math.max(1, Math.floor(transformLimits.inFlightMbMax / Math.max(1, maxPayloadInMB)));
  const strategy = request.batchStrategy ?? forcedStrategy(request);
  const said = [request.batchStrategy, payload, concurrent].some((x) => x !== undefined);
  return {
    batchStrategy: strategy ?? model.batchStrategy ?? 'MultiRecord',
    maxPayloadInMB,
    maxConcurrentTransforms:
      concurrent ?? Math.min(model.maxConcurrentTransforms ?? transformLimits.concurrentDefault, fitting),
    source: said ? 'job' : Object.keys(model).length > 0 ? 'model' : 'default',
  };
}

/** Several JSON documents in one call are no JSON document. */
const forcedStrategy = ({ transformInput: i }: TransformRequest): Strategy | undefined =>
  i.splitType === 'Line' && formOf(i.contentType) === 'json' ? 'SingleRecord' : undefined;

/** Told to the container (reference, section 1.6): what the job says, else the defaults, as it is not running yet to be asked. */
export function batchEnvironment(request: TransformRequest): Record<string, string> {
  const { batchStrategy, maxPayloadInMB, maxConcurrentTransforms } = effectiveOf(request, {});
  return {
    ...request.environment,
    SAGEMAKER_BATCH: 'true',
    SAGEMAKER_MAX_PAYLOAD_IN_MB: String(maxPayloadInMB),
    SAGEMAKER_BATCH_STRATEGY: batchStrategy === 'MultiRecord' ? 'MULTI_RECORD' : 'SINGLE_RECORD',
    SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: String(maxConcurrentTransforms),
  };
}

export function processingOf({ dataProcessing: p = {} }: TransformRequest): Processing {
  // `$` is everything.
  const path = (filter: 'inputFilter' | 'outputFilter') => {
    const text = p[filter];
    if (text === undefined) return null;
    const read = pathOf(filter, text);
    return text === '$' ? null : read;
  };
  return {
    inputFilter: path('inputFilter'),
    outputFilter: path('outputFilter'),
    join: p.joinSource === 'Input',
  };
}

const byLine: readonly Form[] = ['csv', 'jsonlines'];

/** Refuses what does not go together, before anything is started. */
export function checkRequest(request: Omit<NewTransformJob, 'name' | 'model'>): void {
  const {
    maxConcurrentTransforms: concurrent = 1,
    maxPayloadInMB: payloadMb,
    transformInput: input,
  } = request;
  const productMb = concurrent * (payloadMb ?? transformLimits.payloadMbDefault);
  if (productMb > transformLimits.inFlightMbMax)
    fail('transform.too_much_in_flight', {
      concurrent,
      payloadMb: payloadMb ?? transformLimits.payloadMbDefault,
      productMb,
      limitMb: transformLimits.inFlightMbMax,
    });
  const { inputFilter, outputFilter, join } = processingOf(request);
  const refuse = (problem: string) => fail('transform.processing_unsupported', { problem });
  const form = formOf(input.contentType);
  const split = input.splitType ?? 'None';
  if (payloadMb === 0 && split !== 'None')
    refuse('maxPayloadInMB 0 streams whole files, so splitType must be None.');
  if (split === 'Line' && form === 'json' && request.batchStrategy === 'MultiRecord')
    refuse(
      'several JSON documents in one call are no JSON document: use SingleRecord, or application/jsonlines.',
    );
  if (!inputFilter && !outputFilter && !join) return;
  if (payloadMb === 0) refuse('a file that is streamed is not read, so it cannot be filtered or joined.');
  if ((inputFilter || join) && form === 'other')
    refuse(`${input.contentType} has no places; text/csv, application/json and application/jsonlines do.`);
  if ((inputFilter || join) && byLine.includes(form) && split !== 'Line')
    refuse(`${input.contentType} is filtered line by line, so splitType must be Line.`);
  if (split === 'RecordIO' || split === 'TFRecord') refuse(`records of ${split} are not looked into.`);
}

/**
 * Where results go: what stands behind the folder of the prefix, below the output, with .out. Of one file, its own name.
 * `in/a` as a prefix of `in/a1.csv` and `in/a2/b.csv` gives `a1.csv.out` and `a2/b.csv.out`.
 */
export function outputUriOf(prefix: string, inputUri: string, outputUri: string): string {
  const start = prefix.lastIndexOf('/') + 1;
  const name = inputUri.startsWith(prefix.slice(0, start))
    ? inputUri.slice(start)
    : inputUri.slice(inputUri.lastIndexOf('/') + 1);
  return `${outputUri.replace(/\/*$/, '')}/${name}.out`;
}

/** Without a word on it, records that were cut at lines are put together as lines. */
export const assemblesLines = ({ transformInput: i, transformOutput: o }: TransformRequest): boolean =>
  (o.assembleWith ?? (i.splitType === 'Line' ? 'Line' : 'None')) === 'Line';
