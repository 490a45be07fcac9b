import { Switch } from '@mantine/core';
import type { Policies } from '../../api/types.ts';
import { Panel } from '../../components/panel.tsx';

const words = {
  verifyPaid: 'Verify publishers of paid plans, and again before payouts when something changed',
  taxAndBank: 'Paid plans need a tax interview and bank details',
  verifyFree: 'Verify publishers of free products too',
} as const satisfies Record<keyof Policies['publishers'], string>;

/** What a publisher must show before its products may be published. */
export function PublisherRules({
  policies,
  editable,
  onChange,
}: {
  policies: Policies;
  editable: boolean;
  onChange: (next: Policies) => void;
}) {
  return (
    <Panel title="Publishers" note="What they must show before anything of theirs is published">
      <div className="stack">
        {(Object.keys(words) as (keyof typeof words)[]).map((rule) => (
          <Switch
            key={rule}
            label={words[rule]}
            checked={policies.publishers[rule] === 'required'}
            disabled={!editable}
            onChange={(event) =>
              onChange({
                ...policies,
                publishers: {
                  ...policies.publishers,
                  [rule]: event.currentTarget.checked ? 'required' : 'off',
                },
              })
            }
          />
        ))}
      </div>
    </Panel>
  );
}
