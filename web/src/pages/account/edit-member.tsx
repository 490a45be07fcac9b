import { Button, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Member, Role } from '../../api/types.ts';
import { ErrorNotice } from '../../components/states.tsx';
import { toast } from '../../components/toast.ts';
import { RolesField } from './roles-field.tsx';

/** What a member may do, and which resources of the account are none of the member’s. */
export function EditMember({ member, onDone }: { member: Member; onDone: () => void }) {
  const [roles, setRoles] = useState<Role[]>(member.roles);
  const [withheld, setWithheld] = useState(member.withheld.join('\n'));
  const arns = [...new Set(withheld.split(/\s+/).filter(Boolean))];
  const save = useMutation({
    mutationFn: () =>
      take(
        api.PATCH('/api/account/members/{personId}', {
          params: { path: { personId: member.person.id } },
          body: { roles, withheld: arns },
        }),
      ),
    onSuccess: () => {
      onDone();
      void queryClient.invalidateQueries({ queryKey: ['account'] });
      toast.done(`What ${member.person.name} may do was changed.`);
    },
  });
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <RolesField roles={roles} onChange={setRoles} />
      <Textarea
        label="Withheld resources"
        description="ARNs of model packages and algorithms that this member may neither read nor list, one on a line. * stands for any part."
        placeholder="arn:*:model-package/secret-*"
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        value={withheld}
        onChange={(event) => setWithheld(event.currentTarget.value)}
      />
      <ErrorNotice error={save.error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button type="submit" disabled={roles.length === 0} loading={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
