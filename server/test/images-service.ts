import { Readable } from 'node:stream';
import type { Image, ImageUse, Policies } from '@souk/contract';
import {
  imageRoutes,
  newCheck,
  newImagesService,
  newKeepArchive,
  newPull,
  newVerdict,
} from '../src/domains/images/index.ts';
import { defaultPolicies } from '../src/domains/operator/index.ts';
import { newUploadsService } from '../src/domains/uploads/index.ts';
import type { Member } from '../src/platform/authorize.ts';
import { newOutbound } from '../src/platform/outbound.ts';
import type { Platform } from '../src/platform/platform.ts';
import { findSandbox } from '../src/platform/sandbox.ts';
import { testServer } from './platform.ts';

/** Images as compose builds them, over a test's platform; policies and what uses an image are the test's to set. */
export async function testImages(platform: Platform) {
  const given: { policies: Policies; uses: ImageUse[] } = {
    policies: { ...defaultPolicies, scannerMissing: 'record' },
    uses: [],
  };
  const sandbox = await findSandbox();
  const uploads = newUploadsService(platform);
  const images = newImagesService(platform, {
    finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'image'),
    unusedUploads: uploads.unusedImages,
    policies: async () => given.policies,
    usesOf: async () => given.uses,
  });
  const check = newCheck(platform, {
    keepArchive: newKeepArchive(platform, sandbox),
    pull: newPull(platform, newOutbound(platform.config)),
    verdict: newVerdict(platform, sandbox),
    signal: new AbortController().signal,
    policies: async () => given.policies,
    lift: async (_accountId, _sha256, findings) => findings,
  });
  const { send } = testServer(platform, imageRoutes(images));

  async function pushed(caller: Member, archive: Buffer, name = 'iris:1'): Promise<Image> {
    const upload = await uploads.create(caller, {
      fileName: 'image.tar',
      purpose: 'image',
      sizeBytes: archive.length,
    });
    await uploads.append(caller, upload.id, 0, Readable.from([archive]));
    return images.create(caller, { uploadId: upload.id, name });
  }
  return {
    given,
    images,
    check,
    send,
    pushed,
    async checked(caller: Member, archive: Buffer, name?: string): Promise<Image> {
      const { id } = await pushed(caller, archive, name);
      await check(id);
      return images.get(caller, id);
    },
  };
}
