import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import { CodeTabs } from '../../../components/code.tsx';
import { Panel } from '../../../components/panel.tsx';
import { QueryView } from '../../../components/states.tsx';

/** Code that works when pasted. The key comes from the environment, so that it does not end up in a repository. */
export function SnippetsPanel({ subscriptionId }: { subscriptionId: string }) {
  const query = useQuery(subscriptionQueries.snippets(subscriptionId));
  return (
    <Panel title="Call it" note="Reads the key from SOUK_API_KEY">
      <QueryView query={query}>{({ items }) => <Snippets items={items} />}</QueryView>
    </Panel>
  );
}

function Snippets({ items }: { items: readonly { language: string; title: string; code: string }[] }) {
  const tabs = useMemo(() => items.map((s) => ({ id: s.language, title: s.title, code: s.code })), [items]);
  if (items.length === 0)
    return (
      <p className="muted">
        There is nothing to call: an algorithm trains models, and training comes with a later release.
      </p>
    );
  return <CodeTabs tabs={tabs} label="Language" />;
}
