import { NumberInput, Switch } from '@mantine/core';

export interface Batching {
  readonly windowMs: number;
  readonly recordsMax: number;
}

interface Props {
  readonly value: Batching | null;
  readonly onChange: (value: Batching | null) => void;
}

/** Of Souk's own server only; an image batches as it likes. */
export function BatchingFields({ value, onChange }: Props) {
  return (
    <div className="stack" style={{ '--gap': '12px' }}>
      <Switch
        label="Put calls together"
        description="Calls that arrive within the window are one run of the model. Its checks ask for the records of the sample alone and together: each must be answered alike, so give at least two."
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? { windowMs: 2, recordsMax: 64 } : null)}
      />
      {value ? (
        <div className="row" style={{ '--gap': '16px', alignItems: 'flex-start' }}>
          <NumberInput
            label="Window, in milliseconds"
            description="How long a call may wait for others."
            value={value.windowMs}
            min={0}
            max={1000}
            onChange={(n) => onChange({ ...value, windowMs: Number(n) || 0 })}
          />
          <NumberInput
            label="Records of one run"
            description="At most; then it starts at once."
            value={value.recordsMax}
            min={2}
            max={4096}
            allowDecimal={false}
            onChange={(n) => onChange({ ...value, recordsMax: Number(n) || 2 })}
          />
        </div>
      ) : null}
    </div>
  );
}
