import { bucketOperations, fileOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import type { Blobs } from '../../platform/blobs.ts';
import { may, type Route, route } from '../../platform/http.ts';
import { downloadHeaders } from '../uploads/index.ts';
import type { Buckets } from './files.buckets.ts';
import type { Files } from './files.service.ts';

export function fileRoutes(files: Files, accountFiles: Pick<Blobs, 'read'>, buckets: Buckets): Route[] {
  return [
    route({
      ...bucketOperations.listBuckets,
      who: may('file:read'),
      handle: ({ caller }) => buckets.list(memberOf(caller)),
    }),
    route({
      ...bucketOperations.putBucket,
      who: may('file:manage'),
      handle: ({ caller, params, body }) => buckets.put(memberOf(caller), params.bucket, body),
    }),
    route({
      ...bucketOperations.removeBucket,
      who: may('file:manage'),
      handle: ({ caller, params }) => buckets.remove(memberOf(caller), params.bucket),
    }),
    route({
      ...op.listFiles,
      who: may('file:read'),
      handle: ({ caller, query }) => files.list(memberOf(caller), query),
    }),
    route({
      ...op.createFile,
      who: may('file:manage'),
      handle: ({ caller, body }) => files.create(memberOf(caller), body),
    }),
    route({
      ...op.writeFile,
      who: may('file:manage'),
      handle: ({ caller, query, stream }) => files.write(memberOf(caller), query, stream),
    }),
    route({
      ...op.readFile,
      who: may('file:read'),
      handle: async ({ caller, query, reply }) => {
        const { path, sha256, sizeBytes } = await files.get(memberOf(caller), query.path);
        await reply
          .headers({ ...downloadHeaders(path.split('/').at(-1) ?? path, sizeBytes), etag: `"${sha256}"` })
          .type('application/octet-stream')
          .send(accountFiles.read(sha256));
      },
    }),
    route({
      ...op.removeFile,
      who: may('file:manage'),
      handle: ({ caller, query }) => files.remove(memberOf(caller), query.path),
    }),
  ];
}
