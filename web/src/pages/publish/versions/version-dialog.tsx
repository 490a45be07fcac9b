import { Select, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { versionQueries } from '../../../api/queries/versions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { components } from '../../../api/schema.gen.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { toast } from '../../../components/toast.ts';
import { plural } from '../../../format/format.ts';

type Versions = components['schemas']['ReleasedVersions'];

export interface VersionAction {
  readonly kind: 'restrict' | 'withdraw' | 'sunset' | 'keep';
  /** Null: the whole product. */
  readonly number: string | null;
}

interface Props {
  readonly versions: Versions;
  readonly action: VersionAction;
  readonly onClose: () => void;
  /** The operator withdraws versions of others. */
  readonly asOperator?: boolean;
}

/** One dialog for what is done to a version: each says whom it concerns, from when, and what stays. */
export function VersionDialog({ versions, action, onClose, asOperator = false }: Props) {
  const { kind, number } = action;
  const version = versions.items.find((v) => v.number === number);
  const sunset = number === null ? versions.sunset : (version?.standing.sunset ?? null);
  const [reason, setReason] = useState(sunset?.reason ?? '');
  const [replacement, setReplacement] = useState(sunset?.replacement ?? '');
  const [day, setDay] = useState((sunset?.endsAt ?? dayAfter(versions.earliestEnd)).slice(0, 10));
  const name = number === null ? versions.product : `version ${number}`;
  const others = versions.items
    .filter((v) => v.state === 'listed' && v.number !== number)
    .map((v) => v.number);
  const run = useMutation({
    mutationFn: () => send(versions.productId, action, { reason, replacement, day, asOperator }),
    onSuccess: (changed) => {
      queryClient.setQueryData(versionQueries.ofProduct(versions.productId).queryKey, changed);
      void queryClient.invalidateQueries({ queryKey: ['operator', 'versions'] });
      toast.done(done[kind](name));
      onClose();
    },
  });
  const subscribers = plural(
    number === null ? versions.items.reduce((sum, v) => sum + v.subscribers, 0) : (version?.subscribers ?? 0),
    'subscriber',
  );
  return (
    <ConfirmDanger
      opened
      onClose={onClose}
      title={titles[kind](name)}
      action={actions[kind]}
      tone={kind === 'withdraw' ? 'danger' : 'accent'}
      busy={run.isPending}
      error={run.error}
      onConfirm={() => run.mutate()}
    >
      <div className="stack" style={{ '--gap': '16px' }}>
        <p>{consequences[kind](subscribers, versions.noticeDays)}</p>
        {kind === 'sunset' ? (
          <TextInput
            type="date"
            label="End date"
            description="The end of this day, UTC"
            required
            value={day}
            onChange={(event) => setDay(event.currentTarget.value)}
          />
        ) : null}
        {kind === 'sunset' || kind === 'withdraw' ? (
          <>
            <Textarea
              label="Reason"
              description="Subscribers read it in a mail, on their pages and in the answers to their calls."
              required={kind === 'withdraw'}
              maxLength={1000}
              autosize
              minRows={2}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {number === null ? (
              <TextInput
                label="Replacement"
                description="publisher/product, if another product takes its place"
                value={replacement}
                onChange={(event) => setReplacement(event.currentTarget.value)}
              />
            ) : (
              <Select
                label="Replacement"
                description="What subscribers are told to use; nobody is moved to it."
                data={others}
                value={others.includes(replacement) ? replacement : null}
                clearable
                placeholder={others.length > 0 ? 'None' : 'There is no other listed version'}
                onChange={(value) => setReplacement(value ?? '')}
              />
            )}
          </>
        ) : null}
      </div>
    </ConfirmDanger>
  );
}

const titles = {
  restrict: (name: string) => `Restrict ${name}?`,
  withdraw: (name: string) => `Withdraw ${name} now?`,
  sunset: (name: string) => `End date of ${name}`,
  keep: (name: string) => `Take the end date of ${name} back?`,
};
const actions = {
  restrict: 'Restrict',
  withdraw: 'Withdraw',
  sunset: 'Set the end date',
  keep: 'Take it back',
};
const done = {
  restrict: (name: string) => `New buyers no longer see ${name}.`,
  withdraw: (name: string) => `Calls of ${name} are refused.`,
  sunset: (name: string) => `The end date of ${name} is set, and its subscribers are told.`,
  keep: (name: string) => `${name} stays, and its subscribers are told.`,
};
const consequences = {
  restrict: (subscribers: string) =>
    `${subscribers} keep it and can go on calling it; new buyers no longer see it. This cannot be taken back.`,
  withdraw: (subscribers: string) =>
    `Within a second nobody is answered by it: ${subscribers} get the reason with each call and by mail. Only the operator can bring it back. For an orderly end set an end date instead.`,
  sunset: (subscribers: string, days: number) =>
    `${subscribers} are told now, 90, 30, 7 and 1 days before, and at the end; then their calls are refused. At least ${days} days ahead; it may be moved later at any time.`,
  keep: (subscribers: string) => `${subscribers} are told that it stays.`,
};

const dayAfter = (at: string) => new Date(Date.parse(at) + 86_400_000).toISOString();

function send(
  productId: string,
  { kind, number }: VersionAction,
  given: { reason: string; replacement: string; day: string; asOperator: boolean },
): Promise<Versions> {
  const path = { productId, version: number ?? '' };
  const words = given.reason.trim() ? { reason: given.reason.trim() } : {};
  const next = given.replacement.trim();
  const withdrawal = { reason: given.reason.trim(), ...(next ? { replacement: next } : {}) };
  const endsAt = `${given.day}T23:59:59Z`;
  if (kind === 'restrict')
    return take(api.POST('/api/products/{productId}/versions/{version}/restrict', { params: { path } }));
  if (kind === 'withdraw')
    return given.asOperator
      ? take(
          api.POST('/api/operator/products/{productId}/versions/{version}/withdraw', {
            params: { path },
            body: withdrawal,
          }),
        )
      : take(
          api.POST('/api/products/{productId}/versions/{version}/withdraw', {
            params: { path },
            body: withdrawal,
          }),
        );
  if (number === null) {
    const whole = { params: { path: { productId } } };
    if (kind === 'keep') return take(api.DELETE('/api/products/{productId}/sunset', whole));
    const [publisher = '', product = ''] = next.split('/');
    const replacement = next ? { replacement: { publisher, product } } : {};
    return take(
      api.PUT('/api/products/{productId}/sunset', { ...whole, body: { endsAt, ...words, ...replacement } }),
    );
  }
  if (kind === 'keep')
    return take(api.DELETE('/api/products/{productId}/versions/{version}/sunset', { params: { path } }));
  const replacement = next ? { replacement: next } : {};
  return take(
    api.PUT('/api/products/{productId}/versions/{version}/sunset', {
      params: { path },
      body: { endsAt, ...words, ...replacement },
    }),
  );
}
