import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { ErrorNotice, Notice } from '../../components/states.tsx';
import { EntryFrame } from './entry-frame.tsx';

/** Both halves: without a token one asks for the link, with it one sets the new password. */
export function PasswordResetPage() {
  const [parameters] = useSearchParams();
  const token = parameters.get('token');
  return token ? <SetPassword token={token} /> : <AskForLink />;
}

function AskForLink() {
  const [email, setEmail] = useState('');
  const ask = useMutation({
    mutationFn: () => take(api.POST('/api/password-reset', { body: { email: email.trim() } })),
  });
  if (ask.isSuccess)
    return (
      <EntryFrame title="Look into your mail" below={<Link to="/sign-in">Back to sign in</Link>}>
        <Notice tone="info" title={`If ${email.trim()} has a sign-in here, a link is on its way`}>
          It works once, for one hour.
        </Notice>
      </EntryFrame>
    );
  return (
    <EntryFrame
      title="Reset the password"
      lead="You get a link by mail to set a new one."
      below={<Link to="/sign-in">Back to sign in</Link>}
    >
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          ask.mutate();
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
        <ErrorNotice error={ask.error} />
        <Button type="submit" fullWidth loading={ask.isPending}>
          Send the link
        </Button>
      </form>
    </EntryFrame>
  );
}

function SetPassword({ token }: { token: string }) {
  const [password, setPassword] = useState('');
  const complete = useMutation({
    mutationFn: () => take(api.POST('/api/password-reset/complete', { body: { token, password } })),
  });
  if (complete.isSuccess)
    return (
      <EntryFrame title="Password changed">
        <Notice tone="good" title="Your new password is set">
          All sessions were ended, also those on other devices.
        </Notice>
        <Button component={Link} to="/sign-in">
          Sign in
        </Button>
      </EntryFrame>
    );
  return (
    <EntryFrame title="Set a new password" below={<Link to="/password-reset">Ask for a new link</Link>}>
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          complete.mutate();
        }}
      >
        <PasswordInput
          label="New password"
          description="At least 10 characters; a sentence is fine."
          autoComplete="new-password"
          required
          withAsterisk={false}
          minLength={10}
          maxLength={128}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <ErrorNotice error={complete.error} />
        <Button type="submit" fullWidth loading={complete.isPending}>
          Set password
        </Button>
      </form>
    </EntryFrame>
  );
}
