import { MultiSelect, Radio } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { regionsQuery } from '../../../api/queries/catalog.ts';
import { DraftPlace, useEditor, useSection } from './editor-context.tsx';

export function RegionsForm() {
  const { section, set } = useSection('regions');
  const { editable } = useEditor();
  const regions = useQuery(regionsQuery());
  const mode = section.mode ?? 'all';
  return (
    <>
      <DraftPlace at="/regions/mode">
        <Radio.Group
          label="Where it is offered"
          description="Cannot change after the submission."
          value={mode}
          onChange={(value) => set({ mode: value as 'all' | 'selected' })}
        >
          <div className="stack" style={{ '--gap': '8px', paddingTop: 6 }}>
            <Radio value="all" label="All current and future regions" disabled={!editable} />
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
