import { NumberInput, Select } from '@mantine/core';
import type { Policies } from '../../api/types.ts';
import { Panel } from '../../components/panel.tsx';
import { typeWords } from '../market/words.ts';

interface Props {
  readonly policies: Policies;
  readonly editable: boolean;
  readonly onChange: (policies: Policies) => void;
}
type Type = keyof Policies['review'];
type Word = Policies['review'][Type];

const words: Record<Word, string> = {
  automatic: 'Automatic',
  sample: 'Random sample',
  one: 'One reviewer',
  two: 'Two reviewers',
};
const choices = Object.entries(words).map(([value, label]) => ({ value, label }));

/** How much a person reads, by type and by what a submission changes. */
export function ReviewPolicyPanel({ policies, editable, onChange }: Props) {
  const types = Object.keys(policies.review) as Type[];
  return (
    <Panel
      title="Review"
      note="Who reads a submission before its release. The sample is drawn with this installation’s key: it can be repeated, not foreseen."
    >
      <div className="stack" style={{ '--gap': '20px' }}>
        {types.map((type) => (
          <fieldset key={type} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
            <legend className="small" style={{ fontWeight: 550, marginBottom: 6, padding: 0 }}>
              {typeWords[type]}
            </legend>
            <div className="row" style={{ '--gap': '12px', alignItems: 'flex-end' }}>
              <Choice
                label="New or changed products"
                value={policies.review[type]}
                disabled={!editable}
                onChange={(word) => onChange({ ...policies, review: { ...policies.review, [type]: word } })}
              />
              <Choice
                label="Texts and prices only"
                value={policies.reviewOfTexts[type]}
                disabled={!editable}
                onChange={(word) =>
                  onChange({ ...policies, reviewOfTexts: { ...policies.reviewOfTexts, [type]: word } })
                }
              />
              <NumberInput
                label="Sample, in 100"
                w={130}
                min={0}
                max={100}
                allowDecimal={false}
                clampBehavior="strict"
                value={policies.reviewSample[type]}
                disabled={
                  !editable || ![policies.review[type], policies.reviewOfTexts[type]].includes('sample')
                }
                onChange={(value) =>
                  onChange({
                    ...policies,
                    reviewSample: { ...policies.reviewSample, [type]: Number(value) || 0 },
                  })
                }
              />
            </div>
          </fieldset>
        ))}
      </div>
    </Panel>
  );
}

function Choice(props: { label: string; value: Word; disabled: boolean; onChange: (word: Word) => void }) {
  return (
    <Select
      label={props.label}
      w={200}
      data={choices}
      value={props.value}
      allowDeselect={false}
      disabled={props.disabled}
      onChange={(value) => props.onChange(value as Word)}
    />
  );
}

const clocks = { review: 'A review', held: 'A fault', dispute: 'A dispute' } as const;

/** By when somebody answers; what is not answered then is overdue, and told. */
export function AnswerClockPanel({ policies, editable, onChange }: Props) {
  return (
    <Panel
      title="Answer within"
      note="Hours. What takes longer is overdue: it leads the queue, and your people are mailed"
    >
      <div className="row" style={{ '--gap': '16px' }}>
        {(Object.keys(clocks) as (keyof typeof clocks)[]).map((kind) => (
          <NumberInput
            key={kind}
            label={clocks[kind]}
            suffix=" h"
            w={130}
            min={1}
            max={8760}
            allowDecimal={false}
            value={policies.answerWithinHours[kind]}
            disabled={!editable}
            onChange={(value) =>
              onChange({
                ...policies,
                answerWithinHours: { ...policies.answerWithinHours, [kind]: Number(value) || 1 },
              })
            }
          />
        ))}
      </div>
    </Panel>
  );
}
