import { Button, Checkbox, Select } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { limits } from '@souk/contract/limits';
import type { Version } from '../../../api/types.ts';
import { DraftField, DraftPlace, useEditor } from './editor-context.tsx';
import { removeAt, replaceAt } from './lists.ts';
import { RemoveButton } from './remove-button.tsx';
import { Rows } from './rows.tsx';

type Side = NonNullable<Version['output']>;
type Parameter = NonNullable<Side['parameters']>[number];

interface Props {
  readonly title: 'Input' | 'Output';
  readonly at: string;
  readonly side: Side | undefined;
  readonly charsMax: number;
  readonly contentTypes: readonly string[] | undefined;
  readonly onChange: (side: Side) => void;
}

/** What goes in and what comes out are described in the same way. */
export function SideForm({ title, at, side = {}, charsMax, contentTypes, onChange }: Props) {
  const { editable } = useEditor();
  const samples = side.samples ?? {};
  const word = title.toLowerCase();
  return (
    <fieldset className="stack" style={{ '--gap': '16px', border: 0, padding: 0, margin: 0 }}>
      <legend style={{ fontWeight: 600, padding: '8px 0 0' }}>{title}</legend>
      <DraftField
        at={`${at}/description`}
        label={`${title} description`}
        required
        rows={4}
        charsMax={charsMax}
        value={side.description}
        onChange={(description) => onChange({ ...side, description })}
      />
      <Parameters at={at} word={word} side={side} onChange={onChange} />
      <DraftPlace at={`${at}/samples/contentType`}>
        <Select
          label={`Content type of the ${word} samples`}
          data={[...(contentTypes ?? ['application/json', 'text/csv'])]}
          value={samples.contentType ?? null}
          disabled={!editable}
          onChange={(contentType) =>
            contentType && onChange({ ...side, samples: { ...samples, contentType } })
          }
        />
      </DraftPlace>
      <DraftField
        at={`${at}/samples/realtime`}
        label={`Sample ${word} of one call`}
        required
        mono
        rows={6}
        charsMax={limits.sampleChars}
        value={samples.realtime}
        onChange={(realtime) => onChange({ ...side, samples: { ...samples, realtime } })}
      />
      <DraftField
        at={`${at}/samples/batch`}
        label={`Sample ${word} of a batch`}
        mono
        rows={3}
        charsMax={limits.sampleChars}
        value={samples.batch}
        onChange={(batch) => onChange({ ...side, samples: { ...samples, batch } })}
      />
    </fieldset>
  );
}

interface ParametersProps {
  readonly at: string;
  readonly word: string;
  readonly side: Side;
  readonly onChange: (side: Side) => void;
}

function Parameters({ at, word, side, onChange }: ParametersProps) {
  const { editable } = useEditor();
  const parameters = side.parameters ?? [];
  const set = (i: number, part: Partial<Parameter>) => {
    const before = parameters[i];
    if (before) onChange({ ...side, parameters: replaceAt(parameters, i, { ...before, ...part }) });
  };
  return (
    <DraftPlace at={`${at}/parameters`}>
      <div className="stack" style={{ '--gap': '16px' }}>
        <Rows of={parameters}>
          {(parameter, i) => (
            <div className="row-nowrap" style={{ alignItems: 'flex-start' }}>
              <div
                className="grow stack"
                style={{ '--gap': '8px', paddingLeft: 12, borderLeft: '2px solid var(--line)' }}
              >
                <DraftField
                  at={`${at}/parameters/${i}/name`}
                  label={`Name of ${word} parameter ${i + 1}`}
                  mono
                  charsMax={limits.parameters.nameChars}
                  value={parameter.name}
                  onChange={(name) => set(i, { name })}
                />
                <DraftField
                  at={`${at}/parameters/${i}/description`}
                  label="Description"
                  charsMax={limits.parameters.descriptionChars}
                  value={parameter.description}
                  onChange={(description) => set(i, { description })}
                />
                <DraftField
                  at={`${at}/parameters/${i}/constraints`}
                  label="Constraints"
                  charsMax={limits.parameters.constraintsChars}
                  value={parameter.constraints}
                  onChange={(constraints) => set(i, { constraints })}
                />
                <Checkbox
                  label={word === 'input' ? 'Required' : 'Always returned'}
                  checked={parameter.required ?? false}
                  disabled={!editable}
                  onChange={(event) => set(i, { required: event.currentTarget.checked })}
                />
              </div>
              <RemoveButton
                label={`Remove ${word} parameter ${i + 1}`}
                onClick={() => onChange({ ...side, parameters: removeAt(parameters, i) })}
              />
            </div>
          )}
        </Rows>
        {parameters.length < limits.parameters.max && editable ? (
          <div>
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<PlusIcon />}
              onClick={() => onChange({ ...side, parameters: [...parameters, { name: '' }] })}
            >
              Add {word === 'input' ? 'an input' : 'an output'} parameter
            </Button>
          </div>
        ) : null}
      </div>
    </DraftPlace>
  );
}
