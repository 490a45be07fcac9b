import { createHmac, timingSafeEqual } from 'node:crypto';
import { azureError } from './azureml.errors.ts';

/**
 * Blobs of batch jobs. What the vendor says with connection strings and storage accounts is here a file of the account (`souk://`) or an
 * object in a bucket that it keeps credentials for (`s3://`). Source: reference, section 2c.
 */
export interface BlobReference {
  readonly ConnectionString?: string | null;
  readonly RelativeLocation?: string | null;
  readonly BaseLocation?: string | null;
  readonly SasBlobToken?: string | null;
}

export interface BlobPlace {
  readonly accountId: string;
  readonly workspace: string;
  readonly publicUrl: string;
}

/** What a job may read and write. */
export interface Reach {
  /** Below `souk://ACCOUNT/`: where names without a place are, and all that a key of the endpoint reaches. */
  readonly folder: string;
  /** Asked for with a key of the account: its other files and its buckets too. */
  readonly everything: boolean;
  /** The file behind a link that was given out here; for what is read only. */
  readonly signed?: (path: string, token: string) => string;
}

const extensions = ['.csv', '.tsv'];
const bad = (code: string, message: string) => azureError('BadArgument', code, message);

/** Where results of a workspace are read with a signed link. */
const baseOf = ({ publicUrl, workspace }: BlobPlace) =>
  `${publicUrl.replace(/\/$/, '')}/workspaces/${workspace}/blobs/`;

/** The location that a reference means. `what` names it in messages: "input1", "output1". */
export function locationOf(what: string, given: unknown, place: BlobPlace, reach: Reach): string {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw bad('MissingInputBlobInformation', `${what} must be an object with RelativeLocation.`);
  const { BaseLocation, RelativeLocation, SasBlobToken } = given as BlobReference;
  for (const [name, value] of Object.entries(given))
    if (value !== null && typeof value !== 'string')
      throw bad('MissingInputBlobInformation', `${what}.${name} must be text.`);
  if (!RelativeLocation) throw bad('MissingInputBlobInformation', `${what} has no RelativeLocation.`);
  if (RelativeLocation.length > 1024)
    throw bad('BlobNameTooLong', `${what}.RelativeLocation is longer than 1024 characters.`);
  if (!extensions.some((e) => RelativeLocation.toLowerCase().endsWith(e)))
    throw bad('InvalidBlobExtension', `${what}: the file must end with ${extensions.join(' or ')}.`);
  const location = named(what, given as BlobReference, RelativeLocation, place, reach);
  const own = `souk://${place.accountId}/${reach.folder}`;
  if (reach.everything || location.startsWith(own)) return location;
  // Who has a link may read its file without any key, so it may be read here too.
  if (reach.signed && SasBlobToken && BaseLocation === baseOf(place))
    return reach.signed(RelativeLocation.replace(/^\/+/, ''), SasBlobToken);
  throw bad(
    'InvalidBlob',
    `${what}: a key of this endpoint reaches files below ${own} only. Name the file by its path there, or submit the job with a key of the account.`,
  );
}

function named(
  what: string,
  { ConnectionString, BaseLocation }: BlobReference,
  relative: string,
  place: BlobPlace,
  { folder }: Reach,
): string {
  if (/^(?:souk|s3):\/\//.test(relative)) return relative;
  const path = relative.replace(/^\/+/, '');
  const bucket = ConnectionString ? bucketOf(what, ConnectionString, place) : null;
  if (bucket !== null) return `s3://${bucket}/${path}`;
  if (ConnectionString || !BaseLocation)
    return `souk://${place.accountId}/${path.startsWith(folder) ? '' : folder}${path}`;
  if (/^(?:souk|s3):\/\//.test(BaseLocation)) return `${BaseLocation.replace(/\/$/, '')}/${path}`;
  // A link to a result, taken as the input of the next job.
  if (BaseLocation === baseOf(place)) return locationAt(path, place.accountId);
  throw bad(
    'InputBlobRelativeLocationInvalid',
    `${what}.BaseLocation must be souk://ACCOUNT, s3://BUCKET, or the BaseLocation of a result of this workspace.`,
  );
}

/** The bucket that a connection string names; null where it names the account. */
function bucketOf(what: string, connection: string, { accountId, workspace }: BlobPlace): string | null {
  const parts = new Map(
    connection
      .split(';')
      .filter((p) => p.includes('='))
      .map((p) => [p.slice(0, p.indexOf('=')).trim().toLowerCase(), p.slice(p.indexOf('=') + 1)]),
  );
  const bucket = parts.get('s3bucket');
  if (bucket) return bucket;
  const account = parts.get('accountname');
  if (account === accountId || account === workspace) return null;
  throw bad(
    'InvalidBlobConnectionString',
    account === undefined
      ? `${what}.ConnectionString names neither AccountName nor S3Bucket.`
      : `${what}.ConnectionString names the account ${account.slice(0, 40)}; jobs read and write files of the account whose web service it is, or S3Bucket=NAME.`,
  );
}

/** `souk/path` and `s3/bucket/key`, as they stand behind the base of results. */
function locationAt(path: string, accountId: string): string {
  const [scheme, ...rest] = path.split('/');
  return scheme === 's3' ? `s3://${rest.join('/')}` : `souk://${accountId}/${rest.join('/')}`;
}
const pathOf = (location: string) =>
  location.startsWith('s3://')
    ? `s3/${location.slice(5)}`
    : `souk/${location.replace(/^souk:\/\/\d+\//, '')}`;

/** Signs links to results, so that who has one needs no key, for as long as it says. */
export function newBlobLinks(secret: string, minutes: number) {
  const sign = (workspace: string, path: string, until: string) =>
    createHmac('sha256', secret)
      .update(`web service result\n${workspace}\n${path}\n${until}`)
      .digest('base64url');
  return {
    reference(location: string, place: BlobPlace, nowMs: number): BlobReference {
      const path = pathOf(location);
      const at = (ms: number) => new Date(ms).toISOString().slice(0, 19).concat('Z');
      const until = at(nowMs + minutes * 60_000);
      const query = new URLSearchParams({ sv: '2015-02-21', sr: 'b', st: at(nowMs), se: until, sp: 'r' });
      query.set('sig', sign(place.workspace, path, until));
      return {
        ConnectionString: null,
        RelativeLocation: path,
        BaseLocation: baseOf(place),
        SasBlobToken: `?${query}`,
      };
    },
    /** The location behind a link, or why it opens nothing. */
    open(path: string, query: URLSearchParams, place: Omit<BlobPlace, 'publicUrl'>, nowMs: number): string {
      const until = query.get('se') ?? '';
      const given = Buffer.from(query.get('sig') ?? '');
      const wanted = Buffer.from(sign(place.workspace, path, until));
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
        throw azureError(
          'Unauthorized',
          'ManagementRequestUnauthorized',
          'The link is not one that was given out here.',
        );
      if (!(Date.parse(until) > nowMs))
        throw azureError(
          'Unauthorized',
          'ManagementRequestUnauthorized',
          `The link ended at ${until}. Ask for the status of the job again: it has a fresh one.`,
        );
      return locationAt(path, place.accountId);
    },
  };
}
export type BlobLinks = ReturnType<typeof newBlobLinks>;
