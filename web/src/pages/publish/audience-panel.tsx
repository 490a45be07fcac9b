import { Button, TagsInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { productQueries } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Draft } from '../../api/types.ts';
import { Panel } from '../../components/panel.tsx';
import { ErrorNotice, QueryView } from '../../components/states.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';

/** Who may see the preview; changed here it works at once, without a new submission. */
export function AudiencePanel({ productId }: { productId: string }) {
  return (
    <Panel title="Test accounts" note="They see the preview, subscribe and call it as buyers will.">
      <TestAccounts productId={productId} />
    </Panel>
  );
}

export function TestAccounts({ productId }: { productId: string }) {
  const query = useQuery(productQueries.draft(productId));
  return <QueryView query={query}>{(draft) => <Audience key={draft.version} draft={draft} />}</QueryView>;
}

function Audience({ draft }: { draft: Draft }) {
  const { may } = useSession();
  const saved = draft.document.audience?.testAccounts ?? [];
  const [accounts, setAccounts] = useState(saved);
  const save = useMutation({
    mutationFn: () =>
      take(
        api.PUT('/api/products/{productId}/audience', {
          params: { path: { productId: draft.productId } },
          body: { testAccounts: accounts },
        }),
      ),
    onSuccess: () => {
      toast.done('The audience of the preview is changed.');
      void queryClient.invalidateQueries({ queryKey: productQueries.draft(draft.productId).queryKey });
    },
  });
  const malformed = accounts.filter((a) => !/^\d{12}$/.test(a));
  const changed = accounts.join() !== saved.join();
  return (
    <div className="stack">
      <TagsInput
        aria-label="Test accounts"
        placeholder={accounts.length === 0 ? '12-digit account ids' : ''}
        value={accounts}
        disabled={!may('product:edit')}
        onChange={setAccounts}
        splitChars={[',', ' ', ';', '\n']}
        error={malformed.length > 0 ? `${malformed.join(', ')}: an account id has 12 digits.` : null}
      />
      <ErrorNotice error={save.error} />
      {changed ? (
        <Button
          variant="default"
          disabled={malformed.length > 0}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          Save test accounts
        </Button>
      ) : null}
    </div>
  );
}
