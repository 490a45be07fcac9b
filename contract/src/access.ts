import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { Role } from './roles.ts';
import { fields, nullable, record } from './schema.ts';

export const accessErrors = defineErrors({
  'access.describe_forbidden': {
    kind: 'forbidden',
    message: 'You may not {action} on {resource}; a product cannot be listed without it.',
    remedy:
      'Ask an admin of the account (or the operator, whose policies apply too) to allow it, or list another resource.',
  },
});

export const AccessMatrix = record('AccessMatrix', {
  roles: Type.Array(record('RoleDescription', { role: Role, description: Type.String() })),
  actions: Type.Array(
    record('ActionAccess', {
      action: Type.String(),
      group: Type.String(),
      does: Type.String(),
      operations: Type.Array(Type.String(), { description: 'Operations of the API that need it.' }),
      everybody: Type.Boolean({ description: 'Visitors have it too.' }),
      roles: Type.Array(Role, { description: 'Roles that have it here, for the caller’s account.' }),
      changed: Type.Array(Role, {
        description: 'Roles for which the operator’s own policies decide otherwise than Souk’s.',
      }),
    }),
  ),
  policies: nullable(
    Type.Array(fields({ file: Type.String(), builtIn: Type.Boolean(), text: Type.String() }), {
      description: 'The policies themselves; for the operator, null for others.',
    }),
  ),
});
export type AccessMatrix = Static<typeof AccessMatrix>;

export const accessOperations = {
  getAccess: operation({
    id: 'getAccess',
    method: 'GET',
    path: '/api/access',
    tag: 'accounts',
    summary: 'Which role may do what on this installation, with the operator’s own policies',
    output: AccessMatrix,
    errors: [],
  }),
};
