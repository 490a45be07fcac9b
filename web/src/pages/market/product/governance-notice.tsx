import { Button } from '@mantine/core';
import { governanceLimits } from '@souk/contract/community-limits';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { governanceQueries, refreshGovernance } from '../../../api/queries/governance.ts';
import type { CatalogProduct } from '../../../api/types.ts';
import { TextField } from '../../../components/form-field.tsx';
import { ErrorNotice, Notice } from '../../../components/states.tsx';
import { useSession } from '../../../session/session.ts';

/** What the account's own rules say of a plan, before anybody fills in a form; with the request where an approval is needed. */
export function GovernanceNotice({ product, planId }: { product: CatalogProduct; planId: string }) {
  const { publisher, slug } = product.item;
  const { may } = useSession();
  const address = { publisher, product: slug, planId };
  const query = useQuery({
    ...governanceQueries.verdict(address),
    enabled: may('governance:read') && planId !== '',
  });
  const [reason, setReason] = useState('');
  const ask = useMutation({
    mutationFn: () => take(api.POST('/api/account/governance/requests', { body: { ...address, reason } })),
    onSuccess: () => void refreshGovernance(),
  });
  const verdict = query.data;
  if (!verdict || verdict.effect === 'allow') return null;
  if (verdict.effect === 'deny')
    return (
      <Notice tone="warn" title="The rules of your account do not allow this">
        {verdict.rule ? `${verdict.rule[0]?.toUpperCase()}${verdict.rule.slice(1)}. ` : ''}Ask {verdict.ask}.
      </Notice>
    );
  if (verdict.request?.state === 'approved')
    return (
      <Notice tone="good" title="Approved">
        {verdict.request.decidedBy}: {verdict.request.decisionReason}
      </Notice>
    );
  if (verdict.request)
    return (
      <Notice tone="info" title="Your request waits for an approval">
        {verdict.ask} can approve it. You are told by mail.
      </Notice>
    );
  return (
    <div className="stack" style={{ '--gap': '8px' }}>
      <Notice tone="info" title="Your account wants this to be approved first">
        Say what it is for; {verdict.ask} can approve it.
      </Notice>
      <TextField
        label="What for"
        value={reason}
        onChange={setReason}
        rows={3}
        charsMax={governanceLimits.reasonChars}
      />
      <ErrorNotice error={ask.error} />
      <div className="row">
        <Button
          variant="default"
          disabled={reason.trim() === ''}
          loading={ask.isPending}
          onClick={() => ask.mutate()}
        >
          Send request
        </Button>
      </div>
    </div>
  );
}
