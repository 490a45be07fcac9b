import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { fields, idOf, nullable, PageQuery, record, Sha256, Timestamp } from './schema.ts';

export const fileErrors = defineErrors({
  'file.missing': {
    kind: 'missing',
    message: 'There is no file {path} in this account.',
    remedy: 'List the files (souk files list); upper and lower case differ.',
  },
  'file.exists': {
    kind: 'conflict',
    message: 'There is a file {path} already.',
    remedy: 'Choose another path, or say that it is to be replaced.',
  },
  'file.over_quota': {
    kind: 'limited',
    status: 413,
    message: 'The account keeps {usedBytes} of {limitBytes} bytes of files; {sizeBytes} more do not fit.',
    remedy: 'Remove files that are no longer needed, or ask the operator to raise the limit.',
  },
  'file.too_large': {
    kind: 'invalid',
    status: 413,
    message: 'A file may have at most {limitBytes} bytes.',
    remedy: 'Divide it, or ask the operator to raise the limit.',
  },
  'file.digest_mismatch': {
    kind: 'conflict',
    message: 'The bytes that arrived have the digest {actual}, not {expected}.',
    remedy: 'The file changed or was damaged on its way: send it again.',
  },
  'file.incomplete': {
    kind: 'invalid',
    message: 'The connection ended before the file {path} was whole. Nothing of it was kept.',
    remedy: 'Send it again; souk files push goes on where a broken connection stopped.',
  },
  'location.invalid': {
    kind: 'invalid',
    message: '{uri} is not a location: {problem}',
    remedy: 'Write souk://<account id>/<path> or s3://<bucket>/<key>.',
  },
  'location.foreign': {
    kind: 'forbidden',
    message: '{uri} belongs to another account; this one is {accountId}.',
    remedy: 'Use files of the account that you act for, or switch to the other account.',
  },
  'location.missing': {
    kind: 'missing',
    message: 'There is nothing at {uri}.',
    remedy: 'Check the spelling; a prefix ends with / where a folder is meant.',
  },
  'location.unreachable': {
    kind: 'unavailable',
    status: 502,
    message: '{uri} could not be reached: {problem}',
    remedy: 'Check the bucket, its address and the credentials kept for it, then try again.',
  },
  'location.no_credentials': {
    kind: 'precondition',
    message: 'The account keeps no credentials for the bucket {bucket}.',
    remedy: 'Add them: souk files buckets add.',
  },
});

/** No part may be empty, `.` or `..`, so that every path has one spelling. */
export const FilePath = Type.String({
  minLength: 1,
  maxLength: 1024,
  pattern:
    '^(?!\\.{1,2}(?:/|$))[^/\\u0000-\\u001f\\u007f]+(?:/(?!\\.{1,2}(?:/|$))[^/\\u0000-\\u001f\\u007f]+)*$',
  description: 'parts between slashes; none empty, `.` or `..`; at most 1024 characters',
});
const Prefix = Type.String({ maxLength: 1024 });

export const StoredFile = record('StoredFile', {
  path: FilePath,
  uri: Type.String({ description: 'souk://<account id>/<path>' }),
  sizeBytes: Type.Integer({ minimum: 0 }),
  sha256: Sha256,
  contentType: Type.String(),
  createdBy: Type.String(),
  createdAt: Timestamp,
});
export type StoredFile = Static<typeof StoredFile>;

export const FilePage = record('FilePage', {
  items: Type.Array(StoredFile),
  nextCursor: nullable(Type.String()),
  used: fields({ files: Type.Integer(), sizeBytes: Type.Integer(), limitBytes: Type.Integer() }),
});
export type FilePage = Static<typeof FilePage>;

const tag = 'files';
const refusals = ['file.exists', 'file.over_quota'] as const;

export const fileOperations = {
  listFiles: operation({
    id: 'listFiles',
    method: 'GET',
    path: '/api/files',
    tag,
    summary: 'Files of the account by path, and how much it may keep',
    query: fields({ prefix: Type.Optional(Prefix), ...PageQuery }),
    output: FilePage,
    errors: [],
  }),
  createFile: operation({
    id: 'createFile',
    method: 'POST',
    path: '/api/files',
    tag,
    summary: 'Keep a finished upload (purpose data) as a file',
    body: fields({
      path: FilePath,
      uploadId: idOf('upl'),
      contentType: Type.Optional(Type.String({ maxLength: 255, pattern: '^[^\\s;]+/[^\\s;]+$' })),
      replace: Type.Optional(Type.Boolean()),
    }),
    output: StoredFile,
    status: 201,
    errors: ['upload.missing', 'upload.incomplete', ...refusals],
  }),
  writeFile: operation({
    id: 'writeFile',
    method: 'PUT',
    path: '/api/files/content',
    tag,
    summary: 'Keep what is sent as a file, in one go; replaces what is there, once all of it has come',
    query: fields({ path: FilePath, sha256: Type.Optional(Sha256) }),
    bodyType: 'application/octet-stream',
    output: StoredFile,
    errors: ['file.over_quota', 'file.too_large', 'file.digest_mismatch', 'file.incomplete'],
  }),
  readFile: operation({
    id: 'readFile',
    method: 'GET',
    path: '/api/files/content',
    tag,
    summary: 'Download a file',
    query: fields({ path: FilePath }),
    output: null,
    outputType: 'application/octet-stream',
    errors: ['file.missing'],
  }),
  removeFile: operation({
    id: 'removeFile',
    method: 'DELETE',
    path: '/api/files',
    tag,
    summary: 'Remove a file',
    query: fields({ path: FilePath }),
    output: null,
    status: 204,
    errors: ['file.missing'],
  }),
};
