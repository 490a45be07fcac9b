import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../api/client.ts';
import { ErrorNotice, Notice } from '../../components/states.tsx';
import { EntryFrame } from './entry-frame.tsx';

/** For whoever found a key of somebody else; nobody has to sign in. */
export function LeakedKeyPage() {
  const [key, setKey] = useState('');
  const [where, setWhere] = useState('');
  const report = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/leaked-keys', {
          body: { key: key.trim(), ...(where.trim() === '' ? {} : { where: where.trim() }) },
        }),
      ),
    onSuccess: () => setKey(''),
  });
  const home = <Link to="/">To the marketplace</Link>;
  if (report.isSuccess)
    return (
      <EntryFrame title="Reported" below={home}>
        <Notice tone="good" title={report.data.message} />
        <Button variant="default" onClick={() => report.reset()}>
          Report another
        </Button>
      </EntryFrame>
    );
  return (
    <EntryFrame
      title="Report a leaked key"
      lead="Did you find an API key of somebody? It is revoked at once, and its owner is told."
      below={home}
    >
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          report.mutate();
        }}
      >
        <TextInput
          label="Key"
          description="Whole: souk_ and 38 letters and digits."
          classNames={{ input: 'mono' }}
          autoComplete="off"
          spellCheck={false}
          required
          withAsterisk={false}
          maxLength={200}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <TextInput
          label="Where you found it"
          description="An address or a few words for the owner. Not needed."
          maxLength={500}
          value={where}
          onChange={(event) => setWhere(event.currentTarget.value)}
        />
        <ErrorNotice error={report.error} />
        <Button type="submit" fullWidth loading={report.isPending} disabled={key.trim() === ''}>
          Revoke it
        </Button>
      </form>
    </EntryFrame>
  );
}
