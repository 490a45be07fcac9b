import { Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { fields, record } from './schema.ts';

export const leakErrors = defineErrors({
  'leak.key_malformed': {
    kind: 'invalid',
    message:
      'This is no whole key of Souk: a key is souk_ and 38 letters and digits, and the last six must fit the others.',
    remedy: 'Copy it again, whole; souk keys scan finds whole keys in files.',
  },
});

export const leakOperations = {
  reportLeakedKey: operation({
    id: 'reportLeakedKey',
    method: 'POST',
    path: '/api/leaked-keys',
    tag: 'leaks',
    summary:
      'Report a key that was found where others can read it; it is revoked at once. Nobody has to sign in',
    body: fields({
      key: Type.String({ minLength: 1, maxLength: 200, description: 'The whole key.' }),
      where: Type.Optional(
        Type.String({
          maxLength: 500,
          description: 'Where it was found, in words or as an address; its owner reads it.',
        }),
      ),
    }),
    output: record('LeakReceipt', {
      message: Type.String({
        description: 'The same words whether the key was known here or not, valid or revoked long ago.',
      }),
    }),
    status: 202,
    errors: ['leak.key_malformed', 'request.limited'],
  }),
};
