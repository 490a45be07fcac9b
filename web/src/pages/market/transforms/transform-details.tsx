import { NumberInput, Select, Switch } from '@mantine/core';
import { TextField } from '../../../components/form-field.tsx';
import { Panel } from '../../../components/panel.tsx';
import type { TransformForm } from './transform-form.ts';

interface Props {
  readonly form: TransformForm;
  readonly set: (part: Partial<TransformForm>) => void;
}

/** What can be left as it is: how calls are made, and what is chosen of records and answers. */
export function TransformDetails({ form, set }: Props) {
  return (
    <>
      <Panel title="Calls" note="Left empty, what the model says of itself holds">
        <div className="stack" style={{ '--gap': '16px' }}>
          <Select
            label="Compression"
            data={[
              { value: 'None', label: 'None' },
              { value: 'Gzip', label: 'gzip' },
            ]}
            allowDeselect={false}
            value={form.compressionType}
            onChange={(value) => set({ compressionType: value === 'Gzip' ? 'Gzip' : 'None' })}
          />
          <Select
            label="Records in a call"
            data={[
              { value: '', label: 'As the model says' },
              { value: 'MultiRecord', label: 'Several' },
              { value: 'SingleRecord', label: 'One' },
            ]}
            allowDeselect={false}
            value={form.strategy}
            onChange={(value) => set({ strategy: (value ?? '') as TransformForm['strategy'] })}
          />
          <TextField
            label="Largest call, in MB"
            description="0 to 100; 0 streams whole files. Else 6."
            value={form.payloadMb}
            onChange={(payloadMb) => set({ payloadMb })}
          />
          <TextField
            label="Calls at a time"
            description="Of one instance; times the largest call at most 100 MB."
            value={form.concurrent}
            onChange={(concurrent) => set({ concurrent })}
          />
          <TextField
            label="Time limit of a call, in seconds"
            description="1 to 3600; else 600."
            value={form.timeoutSeconds}
            onChange={(timeoutSeconds) => set({ timeoutSeconds })}
          />
          <NumberInput
            label="Instances"
            min={1}
            max={10}
            value={form.instanceCount}
            onChange={(value) => set({ instanceCount: Number(value) || 1 })}
          />
        </div>
      </Panel>
      <Panel title="Filter and join" note="JSONPath; a CSV line is the list of its columns: $[1:]">
        <div className="stack" style={{ '--gap': '16px' }}>
          <TextField
            label="Input filter"
            description="What the model is sent of a record."
            placeholder="$[1:]"
            mono
            charsMax={63}
            value={form.inputFilter}
            onChange={(inputFilter) => set({ inputFilter })}
          />
          <Switch
            label="Join each record and its answer"
            checked={form.join}
            onChange={(event) => set({ join: event.currentTarget.checked })}
          />
          <TextField
            label="Output filter"
            description="What is kept of an answer, or of record and answer joined."
            placeholder="$[0,-1]"
            mono
            charsMax={63}
            value={form.outputFilter}
            onChange={(outputFilter) => set({ outputFilter })}
          />
          <TextField
            label="Content type of the results"
            placeholder="text/csv"
            value={form.accept}
            onChange={(accept) => set({ accept })}
          />
        </div>
      </Panel>
    </>
  );
}
