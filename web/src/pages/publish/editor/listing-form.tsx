import { Button, MultiSelect, Radio } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { limits } from '@souk/contract/limits';
import type { CategoryName } from '../../../api/types.ts';
import { DraftField, DraftPlace, useEditor, useSection } from './editor-context.tsx';
import { removeAt, replaceAt } from './lists.ts';
import { RemoveButton } from './remove-button.tsx';
import { Rows } from './rows.tsx';

/** A record, so that the compiler says when the contract has one more. */
const categories: Record<CategoryName, true> = {
  'Machine Learning': true,
  'Computer Vision': true,
  'Natural Language Processing': true,
  'Speech Recognition': true,
  Text: true,
  Image: true,
  Video: true,
  Audio: true,
  Structured: true,
  'Time Series': true,
  Recommendation: true,
  'Anomaly Detection': true,
  Finance: true,
  Healthcare: true,
  Science: true,
  'Data Labeling Services': true,
};

export function ListingForm() {
  const { section, set } = useSection('listing');
  const { editable } = useEditor();
  return (
    <>
      <DraftField
        at="/listing/title"
        label="Title"
        required
        charsMax={limits.titleChars}
        value={section.title}
        onChange={(title) => set({ title })}
      />
      <DraftField
        at="/listing/shortDescription"
        label="Short description"
        description="What it does, in two sentences. Shown in search results."
        required
        rows={3}
        charsMax={limits.shortDescriptionChars}
        value={section.shortDescription}
        onChange={(shortDescription) => set({ shortDescription })}
      />
      <DraftField
        at="/listing/longDescription"
        label="Long description"
        description="Use cases, training data and its limits, the metric and how it was measured. Markdown."
        required
        rows={12}
        charsMax={limits.longDescriptionChars}
        value={section.longDescription}
        onChange={(longDescription) => set({ longDescription })}
      />
      <Highlights />
      <DraftPlace at="/listing/categories">
        <MultiSelect
          label="Categories"
          description={`${limits.categories.min} to ${limits.categories.max}`}
          data={Object.keys(categories)}
          searchable
          maxValues={limits.categories.max}
          disabled={!editable}
          value={section.categories ?? []}
          onChange={(chosen) => set({ categories: chosen as CategoryName[] })}
        />
      </DraftPlace>
      <DraftPlace at="/listing/visibility">
        <Radio.Group
          label="Visibility"
          value={section.visibility ?? ''}
          onChange={(value) => set({ visibility: value as 'public' | 'private' })}
        >
          <div className="stack" style={{ '--gap': '8px', paddingTop: 6 }}>
            <Radio
              value="public"
              label="Public"
              description="Everybody finds it in the catalogue."
              disabled={!editable}
            />
            <Radio
              value="private"
              label="Private"
              description="Only its audience sees it. Private can never become public."
              disabled={!editable}
            />
          </div>
        </Radio.Group>
      </DraftPlace>
      <DraftField
        at="/listing/sku"
        label="SKU"
        description="Your own number for it. Buyers do not see it."
        charsMax={limits.skuChars}
        value={section.sku}
        onChange={(sku) => set({ sku })}
      />
    </>
  );
}

function Highlights() {
  const { section, set } = useSection('listing');
  const { editable } = useEditor();
  const highlights = section.highlights ?? [];
  return (
    <DraftPlace at="/listing/highlights">
      <fieldset className="stack" style={{ border: 0, padding: 0, margin: 0 }}>
        <legend className="small" style={{ fontWeight: 500, padding: 0 }}>
          Highlights
        </legend>
        <Rows of={highlights}>
          {(highlight, i) => (
            <div className="row-nowrap" style={{ alignItems: 'flex-start' }}>
              <div className="grow">
                <DraftField
                  at={`/listing/highlights/${i}`}
                  label={`Highlight ${i + 1}`}
                  rows={2}
                  charsMax={limits.highlights.chars}
                  value={highlight}
                  onChange={(value) => set({ highlights: replaceAt(highlights, i, value) })}
                />
              </div>
              <RemoveButton
                label={`Remove highlight ${i + 1}`}
                onClick={() => set({ highlights: removeAt(highlights, i) })}
              />
            </div>
          )}
        </Rows>
        {highlights.length < limits.highlights.max && editable ? (
          <div>
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<PlusIcon />}
              onClick={() => set({ highlights: [...highlights, ''] })}
            >
              Add a highlight
            </Button>
          </div>
        ) : null}
      </fieldset>
    </DraftPlace>
  );
}
