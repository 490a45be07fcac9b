import { MultiSelect, Radio } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { regionsQuery } from '../../../api/queries/catalog.ts';
import { DraftPlace, useEditor, useSection } from './editor-context.tsx';

export function RegionsForm() {
  const { section, set } = useSection('regions');
  const { editable: mayEdit, product } = useEditor();
  const settled = product.submissionId !== null;
  const editable = mayEdit && !settled;
  const regions = useQuery(regionsQuery());
  const mode = section.mode ?? 'all';
  return (
    <>
      <DraftPlace at="/regions/mode">
        <Radio.Group
          label="Where it is offered"
          description={
            settled
              ? 'Settled by the first submission: buyers build on where a product runs. For other regions make a copy of the product.'
              : 'After you submit for publishing this selection cannot change.'
          }
          value={mode}
          onChange={(value) => set({ mode: value as 'all' | 'selected' })}
        >
          <div className="stack" style={{ '--gap': '8px', paddingTop: 6 }}>
            <Radio
              value="all"
              label="Make available in all current and future supported regions"
              disabled={!editable}
            />
            <Radio value="selected" label="Selected regions" disabled={!editable} />
          </div>
        </Radio.Group>
      </DraftPlace>
      {mode === 'selected' ? (
        <DraftPlace at="/regions/selected">
          <MultiSelect
            label="Regions"
            data={regions.data?.items.map((r) => r.name) ?? []}
            value={section.selected ?? []}
            disabled={!editable}
            onChange={(selected) => set({ selected })}
          />
        </DraftPlace>
      ) : null}
    </>
  );
}
