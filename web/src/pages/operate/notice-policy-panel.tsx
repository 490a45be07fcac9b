import { NumberInput } from '@mantine/core';
import type { Policies } from '../../api/types.ts';
import { Panel } from '../../components/panel.tsx';

interface Props {
  readonly policies: Policies;
  readonly editable: boolean;
  readonly onChange: (policies: Policies) => void;
}

/** What publishers owe those who have subscribed. Dates that were promised before stay. */
export function NoticePolicyPanel({ policies, editable, onChange }: Props) {
  const { notice } = policies;
  return (
    <Panel title="Notice" note="What publishers owe those who have subscribed, in days">
      <div className="row" style={{ '--gap': '16px' }}>
        <NumberInput
          label="After unpublishing"
          description="Subscribers are served so long"
          min={1}
          max={3650}
          allowDecimal={false}
          value={notice.removalDays}
          disabled={!editable}
          onChange={(value) =>
            onChange({ ...policies, notice: { ...notice, removalDays: Number(value) || 1 } })
          }
        />
        <NumberInput
          label="Before a higher price"
          description="Then from the first of the month"
          min={0}
          max={3650}
          allowDecimal={false}
          value={notice.priceIncreaseDays}
          disabled={!editable}
          onChange={(value) =>
            onChange({ ...policies, notice: { ...notice, priceIncreaseDays: Number(value) || 0 } })
          }
        />
      </div>
    </Panel>
  );
}
