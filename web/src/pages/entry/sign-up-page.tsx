import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { invitationQuery } from '../../api/queries/session.ts';
import { ErrorNotice, Notice } from '../../components/states.tsx';
import { enter } from '../../session/actions.ts';
import { useSession } from '../../session/session.ts';
import { EntryFrame } from './entry-frame.tsx';
import { Providers } from './providers.tsx';
import { useReturnTo } from './return-to.ts';

export function SignUpPage() {
  const returnTo = useReturnTo();
  const navigate = useNavigate();
  const { signedIn } = useSession();
  const [parameters] = useSearchParams();
  const token = parameters.get('invitation');
  const invitation = useQuery({ ...invitationQuery(token ?? ''), enabled: token !== null });
  const [form, setForm] = useState({ name: '', accountName: '', email: '', password: '' });
  const set = (name: keyof typeof form) => (event: { currentTarget: { value: string } }) =>
    setForm({ ...form, [name]: event.currentTarget.value });
  const email = form.email || invitation.data?.email || '';
  const signUp = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/sign-up', {
          body: {
            name: form.name.trim(),
            email: email.trim(),
            password: form.password,
            ...(form.accountName.trim() ? { accountName: form.accountName.trim() } : {}),
            ...(token ? { invitationToken: token } : {}),
          },
        }),
      ),
    onSuccess: async (session) => {
      enter(session);
      await navigate(returnTo, { replace: true });
    },
  });
  if (signedIn && !signUp.isPending) return <Navigate to={returnTo} replace />;
  const query = returnTo === '/' ? '' : `?returnTo=${encodeURIComponent(returnTo)}`;
  return (
    <EntryFrame
      title="Create an account"
      lead="You can subscribe at once, and publish when you have something to publish."
      below={
        <>
          Have a sign-in? <Link to={`/sign-in${query}`}>Sign in</Link>
        </>
      }
    >
      {invitation.data ? (
        <Notice tone="info" title={`You join ${invitation.data.accountName}`}>
          As {invitation.data.roles.join(', ')}.
        </Notice>
      ) : null}
      <Providers returnTo={returnTo} />
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          signUp.mutate();
        }}
      >
        <TextInput
          label="Your name"
          autoComplete="name"
          required
          withAsterisk={false}
          maxLength={100}
          value={form.name}
          onChange={set('name')}
        />
        {token ? null : (
          <TextInput
            label="Organisation"
            description="The account is named after it; without one, after you."
            autoComplete="organization"
            maxLength={100}
            value={form.accountName}
            onChange={set('accountName')}
          />
        )}
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={set('email')}
        />
        <PasswordInput
          label="Password"
          description="At least 10 characters; a sentence is fine."
          autoComplete="new-password"
          required
          withAsterisk={false}
          minLength={10}
          maxLength={128}
          value={form.password}
          onChange={set('password')}
        />
        <ErrorNotice error={signUp.error} />
        <Button type="submit" fullWidth loading={signUp.isPending}>
          Create account
        </Button>
      </form>
    </EntryFrame>
  );
}
