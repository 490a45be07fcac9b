import { Button } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { limits } from '@souk/contract/limits';
import { Categories } from './categories-field.tsx';
import { DraftField, DraftPlace, useEditor, useSection } from './editor-context.tsx';
import { removeAt, replaceAt } from './lists.ts';
import { MarkdownField } from './markdown-field.tsx';
import { RemoveButton } from './remove-button.tsx';
import { Rows } from './rows.tsx';
import { VisibilityField } from './visibility-field.tsx';

export function ListingForm() {
  const { section, set } = useSection('listing');
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
      <MarkdownField
        at="/listing/longDescription"
        label="Long description"
        description="Use cases, training data and its limits, the metric and how it was measured."
        required
        rows={12}
        charsMax={limits.longDescriptionChars}
        value={section.longDescription}
        onChange={(longDescription) => set({ longDescription })}
      />
      <Highlights />
      <Categories />
      <VisibilityField />
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
