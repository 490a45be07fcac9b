import { Button, Select } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { accountQueries } from '../../api/queries/account.ts';
import { queryClient } from '../../api/query-client.ts';
import type { ApiKey } from '../../api/types.ts';
import { NewKeyNotice } from '../../components/new-key.tsx';
import { ErrorNotice } from '../../components/states.tsx';
import { RelativeTime } from '../../components/time.tsx';

const overlaps = [
  { value: '0', label: 'End the old key at once' },
  { value: '1', label: 'For an hour' },
  { value: '24', label: 'For a day' },
  { value: '168', label: 'For a week' },
  { value: '720', label: 'For 30 days' },
];

/** A new key in the place of an old one, and how long both work. */
export function RotateKey({ apiKey, onDone }: { apiKey: ApiKey; onDone: () => void }) {
  const [hours, setHours] = useState('24');
  const rotate = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/account/keys/{keyId}/rotate', {
          params: { path: { keyId: apiKey.id } },
          body: { overlapHours: Number(hours) },
        }),
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: accountQueries.keys().queryKey }),
  });
  if (rotate.data)
    return (
      <div className="stack" style={{ '--gap': '16px' }}>
        <NewKeyNotice apiKey={rotate.data.key} />
        <p className="muted">
          {rotate.data.replaced.state === 'active' && rotate.data.replaced.expiresAt ? (
            <>
              The old key <span className="mono">{apiKey.hint}</span> ends by itself{' '}
              <RelativeTime at={rotate.data.replaced.expiresAt} />. When it was used last stands in the list:
              once that no longer changes, every program has the new one.
            </>
          ) : (
            <>
              The old key <span className="mono">{apiKey.hint}</span> works no more.
            </>
          )}
        </p>
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onDone}>I have copied it</Button>
        </div>
      </div>
    );
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        rotate.mutate();
      }}
    >
      <p className="muted">
        You get a new key that may the same. Programs can be given it one after the other while both work.
      </p>
      <Select
        label="Both keys work"
        description="If the old one leaked, end it at once."
        data={overlaps}
        value={hours}
        allowDeselect={false}
        data-autofocus
        onChange={(value) => setHours(value ?? hours)}
      />
      <ErrorNotice error={rotate.error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button type="submit" loading={rotate.isPending}>
          Rotate key
        </Button>
      </div>
    </form>
  );
}
