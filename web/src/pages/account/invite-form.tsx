import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Role } from '../../api/types.ts';
import { ErrorNotice } from '../../components/states.tsx';
import { toast } from '../../components/toast.ts';
import { RolesField } from './roles-field.tsx';

export function InviteForm({ onDone }: { onDone: () => void }) {
  const [email, setEmail] = useState('');
  const [roles, setRoles] = useState<Role[]>(['buyer']);
  const invite = useMutation({
    mutationFn: () => take(api.POST('/api/account/invitations', { body: { email: email.trim(), roles } })),
    onSuccess: (invitation) => {
      toast.done(`An invitation is on its way to ${invitation.email}.`);
      onDone();
    },
  });
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        invite.mutate();
      }}
    >
      <TextInput
        label="E-mail"
        type="email"
        required
        withAsterisk={false}
        data-autofocus
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <RolesField roles={roles} onChange={setRoles} />
      <ErrorNotice error={invite.error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button type="submit" loading={invite.isPending} disabled={roles.length === 0}>
          Send invitation
        </Button>
      </div>
    </form>
  );
}
