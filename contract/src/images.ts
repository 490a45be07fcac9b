import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { Finding } from './findings.ts';
import { operation } from './operation.ts';
import { AccountId, fields, idOf, nullable, oneOf, PageQuery, record, Timestamp } from './schema.ts';

export const imageErrors = defineErrors({
  'image.missing': {
    kind: 'missing',
    message: 'There is no image {image} in this account.',
    remedy: 'List your images; push it first if it is not there.',
  },
  'image.in_use': {
    kind: 'conflict',
    message: 'The image {image} is used by {users}.',
    remedy: 'Delete what uses it first; a released version keeps the image that it was released with.',
  },
  'image.not_finished': {
    kind: 'conflict',
    message: 'The image {image} is {status}; it can be deleted when it is Completed or Failed.',
    remedy: 'Wait until its checks have ended.',
  },
  'image.no_packages': {
    kind: 'precondition',
    message: 'The image {image} is {status}: there is no bill of materials of it.',
    remedy: 'Wait until its checks have ended; an image that cannot be read has none.',
  },
  'image.reference_invalid': {
    kind: 'invalid',
    message: 'The address “{reference}” is not one of an image: {problem}.',
    remedy: 'Write it as registry.example.com/name@sha256:… or registry.example.com/name:tag.',
  },
  'image.over_quota': {
    kind: 'precondition',
    message:
      'The images of this account have {usedMegabytes} MB of the {limitMegabytes} MB that it may keep: it may keep no more.',
    remedy:
      'Delete images that nothing names (souk images list, souk images delete), or ask the operator to raise the policy `accountImageGigabytes`.',
  },
  'image.too_many_pending': {
    kind: 'limited',
    message: '{pending} images of this account wait for their checks already.',
    remedy: 'Wait until they have ended, then push again.',
  },
});

export const imageStatuses = ['Pending', 'Scanning', 'Completed', 'Failed'] as const;
export type ImageStatus = (typeof imageStatuses)[number];

export const ImageDigest = Type.String({
  pattern: '^sha256:[0-9a-f]{64}$',
  description: 'Digest of the image’s manifest.',
});
const bytes = Type.Integer({ minimum: 0 });
const words = Type.Array(Type.String());

export const ImageLayer = record('ImageLayer', {
  digest: ImageDigest,
  sizeBytes: Type.Integer({ minimum: 0, description: 'As it is kept, mostly compressed.' }),
  unpackedBytes: bytes,
  files: Type.Integer({ minimum: 0 }),
  createdBy: nullable(Type.String({ description: 'The instruction that made it.' })),
});
export type ImageLayer = Static<typeof ImageLayer>;

export const ImagePackage = record('ImagePackage', {
  kind: oneOf(['deb', 'apk', 'pypi', 'npm']),
  name: Type.String(),
  version: Type.String(),
  architecture: nullable(Type.String()),
  licence: nullable(Type.String()),
  path: Type.String({ description: 'The file in the image that says so.' }),
});
export type ImagePackage = Static<typeof ImagePackage>;

export const ImageRun = record('ImageRun', {
  entrypoint: words,
  cmd: words,
  environment: words,
  user: Type.String(),
  workingDir: Type.String(),
  exposedPorts: words,
  labels: Type.Record(Type.String(), Type.String()),
});
export type ImageRun = Static<typeof ImageRun>;

export const ImageSource = Type.Union([
  fields({ kind: oneOf(['upload']), fileName: Type.String() }),
  fields({ kind: oneOf(['registry']), reference: Type.String() }),
]);

const summary = {
  id: idOf('img'),
  accountId: AccountId,
  name: Type.String({ description: 'What its publisher calls it, such as iris:1.0.' }),
  digest: nullable(ImageDigest),
  status: oneOf(imageStatuses),
  statusMessage: nullable(Type.String({ description: 'What it waits for, where it waits.' })),
  failureReason: nullable(Type.String()),
  source: ImageSource,
  platform: nullable(Type.String({ description: 'os/architecture' })),
  sizeBytes: nullable(Type.Integer({ minimum: 0, description: 'All layers, as they are kept.' })),
  createdAt: Timestamp,
  updatedAt: Timestamp,
};
export const ImageSummary = record('ImageSummary', summary);
export type ImageSummary = Static<typeof ImageSummary>;

export const ImageUse = record('ImageUse', {
  kind: oneOf(['model-package', 'algorithm', 'version']),
  name: Type.String(),
});
export type ImageUse = Static<typeof ImageUse>;

export const Image = record('Image', {
  ...summary,
  run: nullable(ImageRun),
  builtAt: nullable(Type.String({ description: 'As the image states it.' })),
  layers: Type.Array(ImageLayer),
  distribution: nullable(Type.String({ description: 'The system that it is built on.' })),
  packages: Type.Array(ImagePackage, {
    description: 'At most the first 1000; the bill of materials has all.',
  }),
  packagesCount: Type.Integer({ minimum: 0 }),
  findings: Type.Array(Finding),
  malwareScan: nullable(Type.String({ description: 'clean, found, incomplete or not run, and why.' })),
  ruleSet: nullable(Type.String()),
  usedBy: Type.Array(ImageUse),
  pushedBy: Type.String(),
});
export type Image = Static<typeof Image>;

const params = fields({
  image: Type.String({
    pattern: '^(?:img_[0-9a-z]{16,32}|sha256:[0-9a-f]{64})$',
    description: 'The id of an image, or its digest.',
  }),
});
const tag = 'images';
const name = Type.Optional(
  Type.String({ minLength: 1, maxLength: 255, description: 'Else as the archive or the address calls it.' }),
);

export const imageOperations = {
  createImage: operation({
    id: 'createImage',
    method: 'POST',
    path: '/api/images',
    tag,
    summary: 'Keep a container image from a finished upload; its checks start at once',
    body: record('NewImage', { uploadId: idOf('upl'), name }),
    output: Image,
    status: 201,
    errors: ['image.over_quota', 'image.too_many_pending', 'upload.missing', 'upload.incomplete'],
  }),
  pullImage: operation({
    id: 'pullImage',
    method: 'POST',
    path: '/api/images/pull',
    tag,
    summary: 'Fetch a container image from a registry and keep it; its checks start when it is here',
    body: record('ImagePull', {
      reference: Type.String({ minLength: 1, maxLength: 512 }),
      username: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
      password: Type.Optional(
        Type.String({ minLength: 1, maxLength: 4096, description: 'Kept sealed until the image is here.' }),
      ),
      name,
    }),
    output: Image,
    status: 201,
    errors: ['image.over_quota', 'image.too_many_pending', 'image.reference_invalid'],
  }),
  listImages: operation({
    id: 'listImages',
    method: 'GET',
    path: '/api/images',
    tag,
    summary: 'Container images of the account, newest first',
    query: fields({
      nameContains: Type.Optional(Type.String({ maxLength: 255 })),
      status: Type.Optional(oneOf(imageStatuses)),
      ...PageQuery,
    }),
    output: record('ImagePage', {
      items: Type.Array(ImageSummary),
      nextCursor: nullable(Type.String()),
      used: fields({ sizeBytes: Type.Integer(), limitBytes: Type.Integer() }),
    }),
    errors: [],
  }),
  getImage: operation({
    id: 'getImage',
    method: 'GET',
    path: '/api/images/:image',
    tag,
    summary: 'One image: layers, packages, findings, and what uses it',
    params,
    output: Image,
    errors: ['image.missing'],
  }),
  getImageBom: operation({
    id: 'getImageBom',
    method: 'GET',
    path: '/api/images/:image/sbom',
    tag,
    summary: 'The image’s bill of materials, CycloneDX 1.6',
    params,
    output: null,
    outputType: 'application/octet-stream',
    errors: ['image.missing', 'image.no_packages'],
  }),
  deleteImage: operation({
    id: 'deleteImage',
    method: 'DELETE',
    path: '/api/images/:image',
    tag,
    summary: 'Delete an image that nothing uses',
    params,
    output: null,
    status: 204,
    errors: ['image.missing', 'image.in_use', 'image.not_finished'],
  }),
};
