import { Checkbox } from '@mantine/core';
import type { Role } from '../../api/types.ts';
import { useSession } from '../../session/session.ts';
import { accountRoles, operatorRoles, roleWords } from './roles.ts';

interface Props {
  readonly roles: readonly Role[];
  readonly onChange: (roles: Role[]) => void;
}

export function RolesField({ roles, onChange }: Props) {
  const { session } = useSession();
  // Roles over the whole marketplace exist in the operator's account only.
  const offered: readonly Role[] = session.account?.operator
    ? [...operatorRoles, ...accountRoles]
    : accountRoles;
  return (
    <Checkbox.Group label="Roles" value={[...roles]} onChange={(value) => onChange(value as Role[])}>
      <div className="stack" style={{ '--gap': '10px', paddingTop: 8 }}>
        {offered.map((role) => (
          <Checkbox key={role} value={role} label={roleWords[role].name} description={roleWords[role].may} />
        ))}
      </div>
    </Checkbox.Group>
  );
}
