import { Button, Select } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { OperatorPublisherDetail } from '../../api/types.ts';
import { TextField } from '../../components/form-field.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { ErrorNotice } from '../../components/states.tsx';

/** The full numbers: for a reason, on record, and gone again when the page is left. */
export function RevealPanel({ detail }: { detail: OperatorPublisherDetail }) {
  const { tax, bank, profile } = detail;
  const kinds = [
    ...(bank ? [{ value: 'bank', label: 'Bank details' }] : []),
    ...(tax ? [{ value: 'tax', label: 'Tax interview' }] : []),
  ];
  const [what, setWhat] = useState(kinds[0]?.value ?? 'bank');
  const [reason, setReason] = useState('');
  const reveal = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/operator/publishers/{accountId}/reveal', {
          params: { path: { accountId: profile.accountId } },
          body: { what: what as 'tax' | 'bank', reason },
        }),
      ),
    gcTime: 0,
  });
  return (
    <Panel title="Open in full" note="Each time is put on record with its reason, and the publisher is told">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          reveal.mutate();
        }}
      >
        <Select
          label="What"
          data={kinds}
          value={what}
          allowDeselect={false}
          onChange={(v) => setWhat(v ?? what)}
        />
        <TextField label="Reason for opening" required charsMax={2000} value={reason} onChange={setReason} />
        <ErrorNotice error={reveal.error} />
        <div>
          <Button type="submit" variant="default" loading={reveal.isPending} disabled={reason.trim() === ''}>
            Open
          </Button>
        </div>
        {reveal.data ? (
          <Facts>
            {flat(reveal.data.bank ?? reveal.data.tax).map(([name, value]) => (
              <Fact key={name} name={name}>
                <span className="mono break">{value}</span>
              </Fact>
            ))}
          </Facts>
        ) : null}
      </form>
    </Panel>
  );
}

function flat(value: unknown, at = ''): [string, string][] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return [[at, String(value)]];
  return Object.entries(value).flatMap(([key, v]) => flat(v, at ? `${at} ${key}` : key));
}
