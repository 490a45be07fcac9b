import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { accountQueries } from '../../api/queries/account.ts';
import type { AccessMatrix, Role } from '../../api/types.ts';
import { CodeBlock } from '../../components/code.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { EmptyState, Notice, QueryView } from '../../components/states.tsx';
import { Badge } from '../../components/status-badge.tsx';
import { useSession } from '../../session/session.ts';
import { roleWords } from './roles.ts';

type ActionAccess = AccessMatrix['actions'][number];

/** What each role may do on this installation, as the policies decide it now. */
export function RolesPage() {
  const query = useQuery(accountQueries.access());
  return (
    <Page
      title="Roles"
      lead="What each role may do in this marketplace, its operator’s own policies included. A member may have several."
    >
      <QueryView query={query}>{(access) => <Found access={access} />}</QueryView>
    </Page>
  );
}

function Found({ access }: { access: AccessMatrix }) {
  const { session } = useSession();
  const [params, setParams] = useSearchParams();
  const role = access.roles.find((r) => r.role === params.get('role'))?.role ?? null;
  const shown = access.actions.filter((a) => role === null || a.roles.includes(role));
  const changed = access.actions.filter((a) => a.changed.length > 0).length;
  const own = access.policies?.filter((p) => !p.builtIn) ?? [];
  return (
    <div className="stack" style={{ '--gap': '20px' }}>
      <Panel title="Roles">
        <Facts>
          {access.roles.map((r) => (
            <Fact key={r.role} name={roleWords[r.role].name}>
              {r.description}
              {session.roles.includes(r.role) ? <span className="muted"> You have it.</span> : null}
            </Fact>
          ))}
        </Facts>
      </Panel>
      {changed > 0 ? (
        <Notice tone="info" title="The operator’s policies decide otherwise than Souk’s">
          {`${changed} ${changed === 1 ? 'action is' : 'actions are'} marked below.`}
        </Notice>
      ) : null}
      <Panel
        title="Access"
        note="Every action that a part of the API asks for, and the roles that have it."
        flush
        actions={
          <Select
            aria-label="Role"
            placeholder="Any role"
            clearable
            size="sm"
            data={access.roles.map((r) => ({ value: r.role, label: roleWords[r.role].name }))}
            value={role}
            onChange={(value) => setParams(value ? { role: value } : {}, { replace: true })}
          />
        }
      >
        <DataTable
          label="Access"
          columns={columns}
          rows={shown}
          rowKey={(a) => a.action}
          exportName="access"
          empty={<EmptyState title="This role has no actions" />}
        />
      </Panel>
      {access.policies ? (
        <Panel
          title="Policies"
          note="Cedar files; those of the operator are read from the folder policies of the data folder when Souk starts."
        >
          <div className="stack" style={{ '--gap': '16px' }}>
            {own.length === 0 ? (
              <p className="muted">There are no policies of your own: what Souk brings applies as it is.</p>
            ) : null}
            {[...own, ...access.policies.filter((p) => p.builtIn)].map((p) => (
              <CodeBlock
                key={`${p.builtIn} ${p.file}`}
                title={p.builtIn ? `${p.file}, brought by Souk` : p.file}
                code={p.text}
                capped
              />
            ))}
          </div>
        </Panel>
      ) : null}
    </div>
  );
}

const columns: readonly Column<ActionAccess>[] = [
  {
    key: 'action',
    header: 'Action',
    value: (a) => a.action,
    cell: (a) => (
      <>
        <span className="mono">{a.action}</span>
        <span className="small muted" style={{ display: 'block' }}>
          {a.does}
        </span>
      </>
    ),
  },
  {
    key: 'roles',
    header: 'Roles',
    value: (a) => (a.everybody ? 'everybody' : a.roles.join(' ')),
    cell: (a) => (
      <span className="row" style={{ '--gap': '4px' }}>
        {a.everybody ? (
          <Badge tone="info">Everybody</Badge>
        ) : a.roles.length === Object.keys(roleWords).length ? (
          <Badge tone="neutral">Every member</Badge>
        ) : (
          <>
            {a.roles.map((role) => (
              <RoleBadge key={role} role={role} changed={a.changed.includes(role)} />
            ))}
            {a.changed
              .filter((role) => !a.roles.includes(role))
              .map((role) => (
                <Badge key={role} tone="warn">
                  Not {roleWords[role].name}
                </Badge>
              ))}
          </>
        )}
      </span>
    ),
  },
  {
    key: 'operations',
    header: 'Operations',
    value: (a) => a.operations.join(' '),
    cell: (a) => (
      <span className="mono faint">
        {a.operations.length === 0 ? 'asked inside others' : null}
        {a.operations.map((name, i) => (
          <span key={name}>
            <span style={{ display: 'inline-block' }}>
              {name}
              {i < a.operations.length - 1 ? ',' : ''}
            </span>{' '}
          </span>
        ))}
      </span>
    ),
  },
];

const RoleBadge = ({ role, changed }: { role: Role; changed: boolean }) => (
  <Badge tone={changed ? 'warn' : 'neutral'}>
    {roleWords[role].name}
    {changed ? ', by policy' : ''}
  </Badge>
);
