import { Button, Checkbox, Group, NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { webServiceQueries } from '../../../api/queries/web-services.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { WebService, WebServiceColumn, WebServiceParameter } from '../../../api/types.ts';
import { Panel } from '../../../components/panel.tsx';
import { ErrorNotice } from '../../../components/states.tsx';
import { useSession } from '../../../session/session.ts';

const types = ['String', 'Boolean', 'Int32', 'Int64', 'Double', 'DateTime'] as const;
const typeOf = (text: string | null) => types.find((t) => t === text) ?? 'String';

/** Columns, parameters and sample rows; the order of columns is the model's. Where one may not change them, they are read. */
export function SchemaPanel({ service }: { service: WebService }) {
  const { may } = useSession();
  const manages = may('webservice:manage');
  const [schema, setSchema] = useState(service.schema);
  const dirty = schema !== service.schema;
  const save = useMutation({
    mutationFn: () =>
      take(
        api.PATCH('/api/web-services/{service}', {
          params: { path: { service: service.id } },
          body: { schema },
        }),
      ),
    onSuccess: (after) => queryClient.setQueryData(webServiceQueries.service(service.id).queryKey, after),
  });
  const setColumn = (side: 'input' | 'output', at: number, column: WebServiceColumn) =>
    setSchema({
      ...schema,
      [side]: { ...schema[side], columns: schema[side].columns.map((c, i) => (i === at ? column : c)) },
    });
  const setParameter = (at: number, parameter: WebServiceParameter) =>
    setSchema({ ...schema, parameters: schema.parameters.map((p, i) => (i === at ? parameter : p)) });
  return (
    <Panel title="Schema" note="Columns stand in the model’s order">
      <form
        className="stack"
        style={{ '--gap': '20px' }}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        {(['input', 'output'] as const).map((side) => (
          <fieldset key={side} disabled={!manages} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
            <legend style={{ fontWeight: 600, padding: 0, marginBottom: 8 }}>
              {side === 'input' ? 'Input' : 'Output'} <span className="mono">{schema[side].name}</span>
            </legend>
            <div className="stack" style={{ '--gap': '12px' }}>
              {schema[side].columns.map((c, i) => (
                <ColumnFields
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other identity than their place
                  key={i}
                  label={`${side === 'input' ? 'Input' : 'Output'} column ${i + 1}`}
                  withDefault={side === 'input'}
                  column={c}
                  onChange={(column) => setColumn(side, i, column)}
                />
              ))}
            </div>
          </fieldset>
        ))}
        <fieldset disabled={!manages} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
          <legend style={{ fontWeight: 600, padding: 0, marginBottom: 8 }}>Global parameters</legend>
          <div className="stack" style={{ '--gap': '12px' }}>
            {schema.parameters.map((p, i) => (
              <div key={`parameter ${String(i)}`} style={grid}>
                <TextInput
                  label={`Parameter ${i + 1}`}
                  value={p.name}
                  onChange={(event) => setParameter(i, { ...p, name: event.currentTarget.value })}
                />
                <Select
                  label="Type"
                  data={[...types]}
                  value={p.type}
                  onChange={(t) => setParameter(i, { ...p, type: typeOf(t) })}
                  allowDeselect={false}
                />
                <TextInput
                  label="Default"
                  placeholder="none: required"
                  value={p.default ?? ''}
                  onChange={(event) => {
                    const { default: _, ...rest } = p;
                    const value = event.currentTarget.value;
                    setParameter(i, value === '' ? rest : { ...rest, default: value });
                  }}
                />
                <Select
                  label="Fills the column"
                  placeholder="none: told to the model"
                  data={schema.input.columns.map((c) => c.name)}
                  value={p.column ?? null}
                  onChange={(column) => {
                    const { column: _, ...rest } = p;
                    setParameter(i, column ? { ...rest, column } : rest);
                  }}
                  clearable
                />
                <Button
                  variant="default"
                  style={{ alignSelf: 'end' }}
                  onClick={() =>
                    setSchema({ ...schema, parameters: schema.parameters.filter((_, n) => n !== i) })
                  }
                >
                  Remove
                </Button>
              </div>
            ))}
            {manages ? (
              <Group>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() =>
                    setSchema({
                      ...schema,
                      parameters: [
                        ...schema.parameters,
                        { name: `parameter${schema.parameters.length + 1}`, type: 'String' },
                      ],
                    })
                  }
                >
                  Add parameter
                </Button>
              </Group>
            ) : null}
          </div>
        </fieldset>
        <NumberInput
          label="Rows of one call, at most"
          value={schema.rowsMax}
          min={1}
          max={100_000}
          allowDecimal={false}
          disabled={!manages}
          onChange={(n) => setSchema({ ...schema, rowsMax: Number(n) || 1 })}
          maw={260}
        />
        <ErrorNotice error={save.error} />
        {manages ? (
          <Group>
            <Button type="submit" loading={save.isPending} disabled={!dirty}>
              Save schema
            </Button>
            <Button variant="default" disabled={!dirty} onClick={() => setSchema(service.schema)}>
              Undo changes
            </Button>
          </Group>
        ) : null}
      </form>
    </Panel>
  );
}

const grid = {
  display: 'grid',
  gap: 12,
  gridTemplateColumns: 'repeat(auto-fill, minmax(150px, 1fr))',
} as const;

interface ColumnProps {
  readonly label: string;
  readonly withDefault: boolean;
  readonly column: WebServiceColumn;
  readonly onChange: (column: WebServiceColumn) => void;
}

function ColumnFields({ label, withDefault, column: c, onChange }: ColumnProps) {
  return (
    <div style={grid}>
      <TextInput
        label={label}
        value={c.name}
        maxLength={128}
        onChange={(event) => onChange({ ...c, name: event.currentTarget.value })}
      />
      <Select
        label="Type"
        data={[...types]}
        value={c.type}
        onChange={(t) => onChange({ ...c, type: typeOf(t) })}
        allowDeselect={false}
      />
      <TextInput
        label="Description"
        value={c.description ?? ''}
        maxLength={2000}
        onChange={(event) => onChange({ ...c, description: event.currentTarget.value })}
      />
      {withDefault ? (
        <TextInput
          label="Default"
          placeholder="none: required"
          value={c.default ?? ''}
          onChange={(event) => {
            const { default: _, ...rest } = c;
            const value = event.currentTarget.value;
            onChange(value === '' ? rest : { ...rest, default: value });
          }}
        />
      ) : null}
      <div className="stack" style={{ '--gap': '6px', alignSelf: 'end' }}>
        {withDefault ? (
          <Checkbox
            label="May be null"
            checked={c.nullable === true}
            onChange={(event) => onChange({ ...c, nullable: event.currentTarget.checked })}
          />
        ) : null}
        <Checkbox
          label="Hidden"
          checked={c.hidden === true}
          onChange={(event) => onChange({ ...c, hidden: event.currentTarget.checked })}
        />
      </div>
    </div>
  );
}
