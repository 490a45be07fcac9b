import { basename } from 'node:path';
import { accessOperations as op } from '@souk/contract';
import type { Authorizer } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import { accessMatrix } from './access.matrix.ts';

/** `routes` is asked when the page is, since this route is one of them. */
export const accessRoutes = (authorizer: Authorizer, routes: () => readonly Route[]): Route[] => [
  route({
    ...op.getAccess,
    who: may('access:read'),
    handle: async ({ caller }) => ({
      ...accessMatrix(authorizer, routes(), caller.accountId),
      policies: authorizer.may(caller, 'operator:read')
        ? authorizer.policies.map(({ file, builtIn, text }) => ({ file: basename(file), builtIn, text }))
        : null,
    }),
  }),
];
