import { Readable } from 'node:stream';
import { uploadOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import type { Blobs } from '../../platform/blobs.ts';
import { may, type Route, route } from '../../platform/http.ts';
import { downloadHeaders } from './uploads.rules.ts';
import type { Uploads } from './uploads.service.ts';

export function uploadRoutes(uploads: Uploads, blobs: Blobs): Route[] {
  return [
    route({
      ...op.createUpload,
      who: may('upload:create', { narrowed: true }),
      handle: ({ caller, body }) => uploads.create(memberOf(caller), body),
    }),
    route({
      ...op.getUpload,
      who: may('upload:create'),
      handle: ({ caller, params }) => uploads.get(memberOf(caller), params.uploadId),
    }),
    route({
      ...op.appendUpload,
      who: may('upload:create'),
      // A part without a body completes an upload whose last bytes came before the process was killed.
      handle: ({ caller, params, query, stream }) =>
        uploads.append(memberOf(caller), params.uploadId, query.offset, stream ?? Readable.from([])),
    }),
    route({
      ...op.getOwnSample,
      who: may('product:edit'),
      handle: async ({ caller, params, reply }) => {
        const { sha256, fileName, sizeBytes } = await uploads.ownSample(memberOf(caller), params.sha256);
        await reply
          .headers(downloadHeaders(fileName, sizeBytes))
          .type('application/octet-stream')
          .send(blobs.read(sha256));
      },
    }),
    route({
      ...op.getMedia,
      who: may('catalog:read'),
      handle: async ({ params, headers, reply }) => {
        const { contentType, servedSha256, sizeBytes } = await uploads.media(params.sha256);
        const etag = `"${servedSha256}"`;
        // Somebody else's file from our own address: it is shown as an image or saved, and never run or framed.
        reply.headers({
          etag,
          'cache-control': 'public, max-age=31536000, immutable',
          'x-content-type-options': 'nosniff',
          'content-security-policy': "default-src 'none'; sandbox",
          'cross-origin-resource-policy': 'same-site',
        });
        if (headers['if-none-match'] === etag) {
          await reply.code(304).send();
          return;
        }
        reply.header('content-length', sizeBytes);
        await reply.type(contentType).send(blobs.read(servedSha256));
      },
    }),
  ];
}
