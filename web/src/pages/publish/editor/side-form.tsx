import { Button } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { limits } from '@souk/contract/limits';
import type { Version } from '../../../api/types.ts';
import styles from './editor.module.css';
import { DraftPlace, useEditor } from './editor-context.tsx';
import { removeAt, replaceAt } from './lists.ts';
import { MarkdownField } from './markdown-field.tsx';
import { ParametersFields } from './parameters-fields.tsx';
import { RemoveButton } from './remove-button.tsx';
import { Rows } from './rows.tsx';
import { SamplesFields } from './samples-fields.tsx';

type Side = NonNullable<Version['input']>;

interface Props {
  readonly title: 'Input' | 'Output';
  readonly at: string;
  readonly side: Side | undefined;
  readonly charsMax: number;
  readonly contentTypes: readonly string[] | undefined;
  readonly onChange: (side: Side) => void;
}

/** What goes in and what comes out are described in the same way; what can be said with a call belongs to the input. */
export function SideForm({ title, at, side = {}, charsMax, contentTypes, onChange }: Props) {
  const word = title.toLowerCase();
  const input = title === 'Input';
  return (
    <fieldset className="stack" style={{ '--gap': '16px', border: 0, padding: 0, margin: 0, minWidth: 0 }}>
      <legend style={{ fontWeight: 600, padding: '8px 0 0' }}>{title}</legend>
      <MarkdownField
        at={`${at}/description`}
        label={`${title} description`}
        required
        rows={4}
        charsMax={charsMax}
        value={side.description}
        onChange={(description) => onChange({ ...side, description })}
      />
      {input ? (
        <MarkdownField
          at={`${at}/limitations`}
          label="Limitations of the input"
          rows={2}
          charsMax={limits.limitationsChars}
          value={side.limitations}
          onChange={(limitations) => onChange({ ...side, limitations })}
        />
      ) : null}
      <ParametersFields
        at={`${at}/parameters`}
        what={`${word} parameter`}
        article="an"
        must={input ? 'Required' : 'Always returned'}
        max={limits.parameters.max}
        parameters={side.parameters ?? []}
        onChange={(parameters) => onChange({ ...side, parameters })}
      />
      {input ? (
        <ParametersFields
          at={`${at}/customAttributes`}
          what="invocation parameter"
          article="an"
          must="Required"
          max={limits.customAttributes.max}
          parameters={side.customAttributes ?? []}
          onChange={(customAttributes) => onChange({ ...side, customAttributes })}
        />
      ) : null}
      <SamplesFields
        at={`${at}/samples`}
        word={word}
        samples={side.samples ?? {}}
        contentTypes={contentTypes}
        required
        onChange={(samples) => onChange({ ...side, samples })}
      />
      <Formats at={at} word={word} side={side} contentTypes={contentTypes} onChange={onChange} />
    </fieldset>
  );
}

interface FormatsProps {
  readonly at: string;
  readonly word: string;
  readonly side: Side;
  readonly contentTypes: readonly string[] | undefined;
  readonly onChange: (side: Side) => void;
}

/** The same thing in further content types. */
function Formats({ at, word, side, contentTypes, onChange }: FormatsProps) {
  const { editable } = useEditor();
  const formats = side.formats ?? [];
  const set = (next: typeof formats) => onChange({ ...side, formats: next });
  return (
    <DraftPlace at={`${at}/formats`}>
      <div className="stack" style={{ '--gap': '16px' }}>
        <Rows of={formats}>
          {(format, i) => (
            <div className="row-nowrap" style={{ alignItems: 'flex-start' }}>
              <div className={`grow ${styles.group}`}>
                <MarkdownField
                  at={`${at}/formats/${i}/description`}
                  label={`What is particular to ${word} ${format.contentType || `content type ${i + 2}`}`}
                  rows={2}
                  charsMax={word === 'input' ? limits.inputDescriptionChars : limits.outputDescriptionChars}
                  value={format.description}
                  onChange={(description) => set(replaceAt(formats, i, { ...format, description }))}
                />
                <SamplesFields
                  at={`${at}/formats/${i}`}
                  word={`further ${word}`}
                  samples={format}
                  contentTypes={contentTypes}
                  onChange={(samples) => set(replaceAt(formats, i, { ...samples, ...kept(format) }))}
                />
              </div>
              <RemoveButton
                label={`Remove the further content type ${i + 1} of the ${word}`}
                onClick={() => set(removeAt(formats, i))}
              />
            </div>
          )}
        </Rows>
        {formats.length < limits.formats.max && editable ? (
          <div>
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<PlusIcon />}
              onClick={() => set([...formats, {}])}
            >
              Add a content type of the {word}
            </Button>
          </div>
        ) : null}
      </div>
    </DraftPlace>
  );
}

/** What a format says besides its samples. */
const kept = ({ description }: { description?: string }) =>
  description === undefined ? {} : { description };
