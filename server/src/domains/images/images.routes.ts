import { imageOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import { downloadHeaders } from '../uploads/index.ts';
import type { Images } from './images.service.ts';

export function imageRoutes(images: Images): Route[] {
  return [
    route({
      ...op.createImage,
      who: may('model:manage'),
      handle: ({ caller, body }) => images.create(memberOf(caller), body),
    }),
    route({
      ...op.pullImage,
      who: may('model:manage'),
      handle: ({ caller, body }) => images.pull(memberOf(caller), body),
    }),
    route({
      ...op.listImages,
      who: may('model:read'),
      handle: ({ caller, query }) => images.list(memberOf(caller), query),
    }),
    route({
      ...op.getImage,
      who: may('model:read'),
      handle: ({ caller, params }) => images.get(memberOf(caller), params.image),
    }),
    route({
      ...op.getImageBom,
      who: may('model:read'),
      handle: async ({ caller, params, reply }) => {
        const { fileName, document } = await images.bom(memberOf(caller), params.image);
        const bytes = Buffer.from(JSON.stringify(document, null, 2));
        await reply
          .headers(downloadHeaders(fileName, bytes.length))
          .type('application/vnd.cyclonedx+json')
          .send(bytes);
      },
    }),
    route({
      ...op.deleteImage,
      who: may('model:manage'),
      handle: ({ caller, params }) => images.remove(memberOf(caller), params.image),
    }),
  ];
}
