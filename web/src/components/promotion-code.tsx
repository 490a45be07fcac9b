import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../api/client.ts';
import type { Plan } from '../api/types.ts';
import { ErrorNotice } from './states.tsx';

interface Props {
  readonly publisher: string;
  readonly product: string;
  readonly slot?: 'preview' | 'live';
  /** The code, and the plans that it opens: hidden ones too. */
  readonly onOpened: (code: string, plans: Plan[]) => void;
}

/** Where a promotion code is typed; Enter shows what it opens, and does not send the form around it. */
export function PromotionCodeField({ publisher, product, slot, onOpened }: Props) {
  const [typed, setTyped] = useState('');
  const open = useMutation({
    mutationFn: (code: string) =>
      take(
        api.POST('/api/subscriptions/open-plans', {
          body: { publisher, product, code, ...(slot ? { slot } : {}) },
        }),
      ),
    onSuccess: ({ plans }, code) => onOpened(code, plans),
  });
  const send = () => {
    if (typed.trim()) open.mutate(typed.trim());
  };
  return (
    <div className="stack" style={{ '--gap': '8px' }}>
      <div className="row" style={{ alignItems: 'flex-end' }}>
        <TextInput
          className="grow"
          label="Promotion code"
          description="Of a plan that needs one, or that is shown only with it."
          maxLength={64}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            send();
          }}
        />
        <Button variant="default" loading={open.isPending} disabled={!typed.trim()} onClick={send}>
          Use code
        </Button>
      </div>
      <ErrorNotice error={open.error} />
      {open.isSuccess ? (
        <p className="small" role="status">
          Opens {open.data.plans.map((p) => p.name ?? p.id).join(', ')}.
        </p>
      ) : null}
    </div>
  );
}
