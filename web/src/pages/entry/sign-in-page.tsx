import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { ErrorNotice, Notice } from '../../components/states.tsx';
import { enter } from '../../session/actions.ts';
import { useSession } from '../../session/session.ts';
import { EntryFrame } from './entry-frame.tsx';
import { Providers } from './providers.tsx';
import { useReturnTo } from './return-to.ts';

export function SignInPage() {
  const returnTo = useReturnTo();
  const navigate = useNavigate();
  const { session, signedIn } = useSession();
  const [parameters] = useSearchParams();
  // Where single sign-on comes back to when it did not work.
  const refused = parameters.get('error');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => take(api.POST('/api/sign-in', { body: { email: email.trim(), password } })),
    onSuccess: async (session) => {
      enter(session);
      await navigate(returnTo, { replace: true });
    },
  });
  if (signedIn && !signIn.isPending) return <Navigate to={returnTo} replace />;
  const query = returnTo === '/' ? '' : `?returnTo=${encodeURIComponent(returnTo)}`;
  return (
    <EntryFrame
      title="Sign in"
      below={
        <>
          New here? <Link to={`/sign-up${query}`}>Create an account</Link>
        </>
      }
    >
      {session.demo ? (
        <Notice tone="info" title="This is a demonstration">
          Operator, publisher and buyer sign in with what <span className="mono">npm start</span> printed; it
          is kept in <span className="mono">demo.json</span> of the data folder.
        </Notice>
      ) : null}
      {refused ? (
        <Notice tone="bad" title="Single sign-on did not work">
          The provider or Souk answered <span className="mono break">{refused.slice(0, 100)}</span>. Try
          again, or ask the operator, who finds the reason in the log.
        </Notice>
      ) : null}
      <Providers returnTo={returnTo} />
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <ErrorNotice error={signIn.error} />
        <Button type="submit" fullWidth loading={signIn.isPending}>
          Sign in
        </Button>
        <Link to="/password-reset" className="small" style={{ textAlign: 'center' }}>
          Forgot the password?
        </Link>
      </form>
    </EntryFrame>
  );
}
