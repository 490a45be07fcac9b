import { NativeSelect } from '@mantine/core';
import { DraftField, DraftPlace, useEditor, useSection } from './editor-context.tsx';

/** The call that Test Connection, the trial run and the product page send. */
export function ServiceSample() {
  const { section, set } = useSection('service');
  const { editable } = useEditor();
  const sample = section.sample ?? { operation: '' };
  if (section.isOData)
    return (
      <DraftField
        at="/service/sample/operation"
        label="Sample call"
        mono
        description="A path with its query under the root, such as Score(age=39,workclass='Private')."
        value={sample.operation}
        onChange={(operation) => set({ sample: { operation } })}
      />
    );
  const operations = section.operations ?? [];
  const chosen = operations.find((o) => o.name === sample.operation);
  const values = sample.arguments ?? {};
  return (
    <DraftPlace at="/service/sample">
      <NativeSelect
        label="Sample call"
        data={[{ value: '', label: 'Choose an operation' }, ...operations.map((o) => o.name)]}
        value={chosen ? sample.operation : ''}
        disabled={!editable}
        onChange={({ currentTarget: { value } }) => {
          const operation = operations.find((o) => o.name === value);
          const given = Object.fromEntries(
            (operation?.parameters ?? []).flatMap((p) => (p.sample ? [[p.name, p.sample]] : [])),
          );
          set({ sample: value === '' ? null : { operation: value, arguments: given } });
        }}
      />
      {(chosen?.parameters ?? []).map((p) => (
        <DraftField
          key={p.name}
          at={`/service/sample/arguments/${p.name}`}
          label={p.title ?? p.name}
          mono
          value={
            typeof values[p.name] === 'string'
              ? String(values[p.name])
              : (JSON.stringify(values[p.name]) ?? '')
          }
          onChange={(text) => {
            const { [p.name]: _, ...others } = values;
            set({
              sample: { ...sample, arguments: text === '' ? others : { ...others, [p.name]: text } },
            });
          }}
        />
      ))}
    </DraftPlace>
  );
}
