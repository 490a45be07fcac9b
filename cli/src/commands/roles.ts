import { type AccessMatrix, operations } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { leaf } from '../command.ts';

export function roleCommands(program: Command, app: App): void {
  leaf(program, 'roles', 'The roles of this marketplace, and what each may do', {
    examples: ['souk roles', 'souk roles --matrix', 'souk roles --matrix --json'],
    notes:
      'What holds on this installation, with the operator’s own policies: a * marks what they decide otherwise than Souk’s.\n' +
      'docs/access.md has the matrix as Souk brings it.',
  })
    .option('--matrix', 'every action, and which roles have it')
    .action(async (options: { matrix?: boolean }) => {
      const client = await app.client();
      const access = await client.call(operations.getAccess);
      if (options.matrix) matrix(app, access);
      else
        app.output.list(
          access.roles,
          [
            { title: 'ROLE', value: (r) => r.role },
            { title: 'FOR', value: (r) => r.description, flexible: true },
          ],
          'There are no roles.',
        );
    });
}

function matrix(app: App, { actions }: AccessMatrix): void {
  app.output.list(
    actions,
    [
      { title: 'ACTION', value: (a) => a.action },
      { title: 'LETS', value: (a) => a.does, flexible: true },
      {
        title: 'ROLES',
        value: (a) =>
          a.everybody
            ? 'everybody'
            : [
                ...a.roles.map((r) => (a.changed.includes(r) ? `${r}*` : r)),
                ...a.changed.filter((r) => !a.roles.includes(r)).map((r) => `not ${r}*`),
              ].join(', '),
        flexible: true,
      },
    ],
    'There are no actions.',
  );
}
