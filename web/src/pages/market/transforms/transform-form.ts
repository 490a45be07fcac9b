import type { NewTransformJob } from '../../../api/types.ts';
import { locationOf } from '../files/location.ts';

type Split = NonNullable<NewTransformJob['transformInput']['splitType']>;

/** As it is typed; empty texts leave the choice to the model or to the defaults. */
export interface TransformForm {
  readonly name: string;
  readonly subscriptionId: string;
  /** Instead of a subscription; else empty. */
  readonly modelPackage: string;
  readonly input: string;
  readonly output: string;
  readonly contentType: string;
  readonly splitType: Split;
  readonly compressionType: 'None' | 'Gzip';
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly strategy: '' | 'MultiRecord' | 'SingleRecord';
  readonly payloadMb: string;
  readonly concurrent: string;
  readonly timeoutSeconds: string;
  readonly inputFilter: string;
  readonly outputFilter: string;
  readonly join: boolean;
  readonly accept: string;
}

export const typesBySplit: readonly { key: string; label: string; contentType: string; splitType: Split }[] =
  [
    { key: 'csv', label: 'CSV, a record a line', contentType: 'text/csv', splitType: 'Line' },
    {
      key: 'csv-header',
      label: 'CSV with a line of names',
      contentType: 'text/csv; header=present',
      splitType: 'Line',
    },
    { key: 'jsonl', label: 'JSON lines', contentType: 'application/jsonlines', splitType: 'Line' },
    { key: 'json', label: 'JSON, a document a file', contentType: 'application/json', splitType: 'None' },
    {
      key: 'recordio',
      label: 'RecordIO',
      contentType: 'application/x-recordio-protobuf',
      splitType: 'RecordIO',
    },
    { key: 'tfrecord', label: 'TFRecord', contentType: 'application/x-tfrecord', splitType: 'TFRecord' },
    { key: 'bytes', label: 'Bytes, sent whole', contentType: 'application/octet-stream', splitType: 'None' },
  ];

const number = (text: string) => (text.trim() === '' ? undefined : Number(text));

export function requestOf(f: TransformForm, accountId: string): NewTransformJob {
  const uri = (text: string) => locationOf(text, accountId);
  const maxPayloadInMB = number(f.payloadMb);
  const maxConcurrentTransforms = number(f.concurrent);
  const timeout = number(f.timeoutSeconds);
  const processing = {
    ...(f.inputFilter ? { inputFilter: f.inputFilter } : {}),
    ...(f.outputFilter ? { outputFilter: f.outputFilter } : {}),
    ...(f.join ? { joinSource: 'Input' as const } : {}),
  };
  return {
    name: f.name.trim(),
    model: f.modelPackage ? { modelPackage: f.modelPackage } : { subscriptionId: f.subscriptionId },
    transformInput: {
      uri: uri(f.input),
      contentType: f.contentType.trim(),
      splitType: f.splitType,
      compressionType: f.compressionType,
    },
    transformOutput: { uri: uri(f.output), ...(f.accept.trim() ? { accept: f.accept.trim() } : {}) },
    transformResources: { instanceType: f.instanceType, instanceCount: f.instanceCount },
    ...(f.strategy ? { batchStrategy: f.strategy } : {}),
    ...(maxPayloadInMB === undefined ? {} : { maxPayloadInMB }),
    ...(maxConcurrentTransforms === undefined ? {} : { maxConcurrentTransforms }),
    ...(timeout === undefined ? {} : { modelClientConfig: { invocationsTimeoutInSeconds: timeout } }),
    ...(Object.keys(processing).length > 0 ? { dataProcessing: processing } : {}),
  };
}
