import { type Static, Type } from 'typebox';
import { Media } from './document.ts';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { fields, idOf, nullable, oneOf, record, Sha256, Timestamp } from './schema.ts';

export const uploadErrors = defineErrors({
  'upload.missing': {
    kind: 'missing',
    message: 'There is no upload {uploadId} of this account; unfinished uploads are kept for 7 days.',
    remedy: 'Start a new upload.',
  },
  'upload.wrong_offset': {
    kind: 'conflict',
    message: 'The upload has {offset} bytes; this part starts at {given}.',
    remedy: 'Ask for the offset (GET) and continue from there.',
  },
  'upload.too_large': {
    kind: 'invalid',
    status: 413,
    message: 'An upload for {purpose} may have at most {limitBytes} bytes.',
    remedy: 'Send a smaller file, or ask the operator to raise the limit.',
  },
  'upload.overrun': {
    kind: 'invalid',
    message: 'The upload was announced with {sizeBytes} bytes; this part would make it longer.',
    remedy: 'Nothing of the part was kept. Start a new upload with the file’s true size.',
  },
  'upload.digest_mismatch': {
    kind: 'conflict',
    message: 'The bytes that arrived have the digest {actual}, not {expected}.',
    remedy: 'The file changed or was damaged on its way: start a new upload.',
  },
  'upload.picture_refused': {
    kind: 'invalid',
    message: 'The file is not a picture that can be shown: {problem}',
    remedy: 'The findings say what is wrong with it; nothing of it was kept.',
  },
  'upload.incomplete': {
    kind: 'precondition',
    message: 'The upload has {offset} of {sizeBytes} bytes.',
    remedy: 'Send the rest first.',
  },
  'blob.missing': {
    kind: 'missing',
    message: 'There is no such file, or it is not yours.',
    remedy: 'Upload it first.',
  },
});

export const uploadPurposes = ['model', 'media', 'sample', 'data', 'image'] as const;

export const Upload = record('Upload', {
  id: idOf('upl'),
  fileName: Type.String(),
  purpose: oneOf(uploadPurposes),
  sizeBytes: Type.Integer({ minimum: 0 }),
  offset: Type.Integer({ minimum: 0, description: 'Bytes that the server has; continue from here.' }),
  sha256: nullable(Sha256),
  state: oneOf(['receiving', 'complete']),
  expiresAt: Timestamp,
  media: Type.Optional(Media),
});
export type Upload = Static<typeof Upload>;

const params = fields({ uploadId: idOf('upl') });
const tag = 'uploads';

export const uploadOperations = {
  createUpload: operation({
    id: 'createUpload',
    method: 'POST',
    path: '/api/uploads',
    tag,
    summary: 'Begin a resumable upload',
    body: fields({
      fileName: Type.String({ minLength: 1, maxLength: 255 }),
      purpose: oneOf(uploadPurposes),
      sizeBytes: Type.Integer({ minimum: 1 }),
      sha256: Type.Optional(Sha256),
    }),
    output: Upload,
    status: 201,
    errors: ['upload.too_large'],
  }),
  getUpload: operation({
    id: 'getUpload',
    method: 'GET',
    path: '/api/uploads/:uploadId',
    tag,
    summary: 'How far an upload is',
    params,
    output: Upload,
    errors: ['upload.missing'],
  }),
  appendUpload: operation({
    id: 'appendUpload',
    method: 'PATCH',
    path: '/api/uploads/:uploadId',
    tag,
    summary: 'Send the next bytes, from the offset in the query; the last part completes the upload',
    params,
    query: fields({ offset: Type.Integer({ minimum: 0 }) }),
    bodyType: 'application/octet-stream',
    output: Upload,
    errors: [
      'upload.missing',
      'upload.wrong_offset',
      'upload.overrun',
      'upload.digest_mismatch',
      'upload.picture_refused',
    ],
  }),
  getOwnSample: operation({
    id: 'getOwnSample',
    method: 'GET',
    path: '/api/samples/:sha256',
    tag,
    summary: 'A sample file that the account itself has sent',
    params: fields({ sha256: Sha256 }),
    output: null,
    outputType: 'application/octet-stream',
    errors: ['blob.missing'],
  }),
  getMedia: operation({
    id: 'getMedia',
    method: 'GET',
    path: '/media/:sha256',
    tag,
    summary: 'A logo or image, by the digest of the file that was sent or of the clean one; never changes',
    params: fields({ sha256: Sha256 }),
    output: null,
    outputType: 'application/octet-stream',
    errors: ['blob.missing'],
  }),
};
