import { Select } from '@mantine/core';
import { limits } from '@souk/contract/limits';
import type { CategoryName } from '../../../api/types.ts';
import { DraftPlace, useEditor, useSection } from './editor-context.tsx';

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
const names = Object.keys(categories) as CategoryName[];

/** Up to three, the first of which is shown on cards and stands for the product. */
export function Categories() {
  const { section, set } = useSection('listing');
  const { editable } = useEditor();
  const chosen = section.categories ?? [];
  const rows = Math.min(chosen.length + 1, limits.categories.max);
  const choose = (at: number, value: CategoryName | null) =>
    set({
      categories: value
        ? [...chosen.slice(0, at), value, ...chosen.slice(at + 1)]
        : chosen.filter((_, i) => i !== at),
    });
  return (
    <DraftPlace at="/listing/categories">
      <div className="row" style={{ alignItems: 'flex-start' }}>
        {Array.from({ length: rows }, (_, at) => (
          <Select
            // A place has no identity but its number.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={at}
            className="grow"
            label={`Product category ${at + 1}`}
            description={at === 0 ? 'The one it is listed under first' : 'Optional'}
            required={at === 0}
            data={names.filter((name) => name === chosen[at] || !chosen.includes(name))}
            searchable
            clearable={at > 0}
            value={chosen[at] ?? null}
            disabled={!editable}
            onChange={(value) => choose(at, value as CategoryName | null)}
          />
        ))}
      </div>
    </DraftPlace>
  );
}
