import { fill } from './errors.ts';
import { OutboundError } from './outbound-errors.ts';

const faults = {
  bucket_missing: {
    message: 'There is no bucket {bucket}.',
    remedy: 'Check the spelling, the region and the endpoint.',
  },
  object_missing: {
    message: 'There is nothing at s3://{bucket}/{key}.',
    remedy: 'Check the key; keys have capital and small letters.',
  },
  denied: {
    message: 'Access to s3://{bucket}/{key} is refused: {problem}.',
    remedy:
      'Check the credentials, and that they allow s3:GetObject, s3:PutObject and s3:ListBucket on the bucket.',
  },
  unreachable: {
    message: 'The S3 server does not answer: {problem}.',
    remedy: 'Check the endpoint, and that its firewall lets Souk in.',
  },
  broken: {
    message: 'The S3 server failed at s3://{bucket}/{key}: {problem}.',
    remedy: 'Try again; look at the log of the S3 server if it stays.',
  },
} as const;

/** Not an error of ours, nor yet of the API: the caller makes one of its own of it, or tries again. */
export class S3Error extends Error {
  readonly code: `s3.${keyof typeof faults}`;
  readonly remedy: string;

  constructor(fault: keyof typeof faults, params: Record<string, string>, cause?: unknown) {
    super(fill(faults[fault].message, params), { cause });
    this.name = 'S3Error';
    this.code = `s3.${fault}`;
    this.remedy = faults[fault].remedy;
  }
}

interface Failure {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** What the SDK threw, in our words. A refused address stays what it is: the outbound gate's own error. */
export function s3ErrorOf(
  error: unknown,
  { bucket, key, ofBucket = false }: { bucket: string; key: string; ofBucket?: boolean },
): Error {
  if (error instanceof S3Error || error instanceof OutboundError) return error;
  const { name = '', code = '', message = '', $metadata } = error as Failure;
  const status = $metadata?.httpStatusCode;
  const params = { bucket, key, problem: (message || name || code || 'it says nothing').slice(0, 300) };
  if (name === 'NoSuchBucket' || (ofBucket && status === 404))
    return new S3Error('bucket_missing', params, error);
  if (name === 'NoSuchKey' || name === 'NotFound') return new S3Error('object_missing', params, error);
  if (status === 401 || status === 403 || name === 'CredentialsProviderError')
    return new S3Error('denied', { ...params, problem: name || params.problem }, error);
  // No answer at all: a name, an address, a port, a certificate, or time.
  if (status === undefined && (code !== '' || name === 'TimeoutError'))
    return new S3Error('unreachable', { ...params, problem: code || params.problem }, error);
  return new S3Error('broken', params, error);
}
