import { ConfigError } from './config-error.ts';

/** Where blobs are kept when not in the data folder. Credentials are what the AWS SDK finds in the environment. */
export interface BlobBucket {
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly forcePathStyle: boolean | undefined;
  readonly cacheBytesMax: number;
}

type Env = Readonly<Record<string, string | undefined>>;

/** `s3://bucket/prefix`, with `?endpoint=…&region=…&pathStyle=true|false` for other servers than AWS's. */
export function blobBucketOf(env: Env): BlobBucket | undefined {
  const text = env.SOUK_BLOBS;
  if (!text) return undefined;
  const refuse = (problem: string) =>
    new ConfigError(`SOUK_BLOBS must be s3://bucket/prefix, as in s3://souk/blobs: ${problem}.`);
  if (!URL.canParse(text)) throw refuse('it is no address');
  const url = new URL(text);
  if (url.protocol !== 's3:') throw refuse(`it begins with ${url.protocol}`);
  // Not repeated: whoever writes credentials here meant a secret.
  if (url.username || url.password)
    throw refuse('credentials stand in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  const bucket = url.hostname;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) throw refuse(`"${bucket}" is no name of a bucket`);
  const prefix = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
  for (const name of url.searchParams.keys())
    if (!['endpoint', 'region', 'pathStyle'].includes(name)) throw refuse(`there is no setting "${name}"`);
  const given = url.searchParams.get('endpoint') ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
  const endpoint = given || undefined;
  if (endpoint !== undefined && !/^https?:\/\//.test(endpoint))
    throw refuse('the endpoint begins with http:// or https://');
  const pathStyle = url.searchParams.get('pathStyle');
  if (pathStyle !== null && pathStyle !== 'true' && pathStyle !== 'false')
    throw refuse('pathStyle is true or false');
  const region = url.searchParams.get('region') ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  if (!region && endpoint === undefined) throw refuse('the region is missing (AWS_REGION, or ?region=…)');
  return {
    bucket,
    prefix: prefix ? `${prefix}/` : '',
    // Other servers have none, but signatures name one.
    region: region || 'us-east-1',
    endpoint,
    forcePathStyle: pathStyle === null ? undefined : pathStyle === 'true',
    cacheBytesMax: cacheBytesMaxOf(env.SOUK_BLOB_CACHE_BYTES_MAX),
  };
}

function cacheBytesMaxOf(text: string | undefined): number {
  if (!text) return 50 * 1024 ** 3;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new ConfigError(`SOUK_BLOB_CACHE_BYTES_MAX must be a whole number of bytes, not "${text}".`);
  return value;
}
