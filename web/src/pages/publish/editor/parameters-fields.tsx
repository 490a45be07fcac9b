import { Button, Checkbox } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { limits } from '@souk/contract/limits';
import type { Version } from '../../../api/types.ts';
import styles from './editor.module.css';
import { DraftField, DraftPlace, useEditor } from './editor-context.tsx';
import { removeAt, replaceAt } from './lists.ts';
import { RemoveButton } from './remove-button.tsx';
import { Rows } from './rows.tsx';

type Parameter = NonNullable<NonNullable<Version['input']>['parameters']>[number];

interface Props {
  readonly at: string;
  /** As in "input parameter": what one of them is called. */
  readonly what: string;
  readonly article: 'a' | 'an';
  readonly must: 'Required' | 'Always returned';
  readonly max: number;
  readonly parameters: readonly Parameter[];
  readonly onChange: (parameters: Parameter[]) => void;
}

/** A table of parameters, one block for each row. */
export function ParametersFields({ at, what, article, must, max, parameters, onChange }: Props) {
  const { editable } = useEditor();
  const set = (i: number, part: Partial<Parameter>) => {
    const before = parameters[i];
    if (before) onChange(replaceAt(parameters, i, { ...before, ...part }));
  };
  return (
    <DraftPlace at={at}>
      <div className="stack" style={{ '--gap': '16px' }}>
        <Rows of={parameters}>
          {(parameter, i) => (
            <div className="row-nowrap" style={{ alignItems: 'flex-start' }}>
              <div className={`grow ${styles.group}`} style={{ gap: 8 }}>
                <DraftField
                  at={`${at}/${i}/name`}
                  label={`Name of ${what} ${i + 1}`}
                  mono
                  charsMax={limits.parameters.nameChars}
                  value={parameter.name}
                  onChange={(name) => set(i, { name })}
                />
                <DraftField
                  at={`${at}/${i}/description`}
                  label="Description"
                  charsMax={limits.parameters.descriptionChars}
                  value={parameter.description}
                  onChange={(description) => set(i, { description })}
                />
                <DraftField
                  at={`${at}/${i}/constraints`}
                  label="Constraints"
                  charsMax={limits.parameters.constraintsChars}
                  value={parameter.constraints}
                  onChange={(constraints) => set(i, { constraints })}
                />
                <Checkbox
                  label={must}
                  checked={parameter.required ?? false}
                  disabled={!editable}
                  onChange={(event) => set(i, { required: event.currentTarget.checked })}
                />
              </div>
              <RemoveButton
                label={`Remove ${what} ${i + 1}`}
                onClick={() => onChange(removeAt(parameters, i))}
              />
            </div>
          )}
        </Rows>
        {parameters.length < max && editable ? (
          <div>
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<PlusIcon />}
              onClick={() => onChange([...parameters, { name: '' }])}
            >
              Add {article} {what}
            </Button>
          </div>
        ) : null}
      </div>
    </DraftPlace>
  );
}
