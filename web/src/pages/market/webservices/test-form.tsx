import { Button, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import type { WebService } from '../../../api/types.ts';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { ErrorNotice } from '../../../components/states.tsx';
import { formatDuration } from '../../../format/format.ts';

/** One field for each column: a call of one row, as a caller would make it. */
export function TestForm({ service }: { service: WebService }) {
  const { schema } = service;
  const filled = new Set(schema.parameters.map((p) => p.column));
  const columns = schema.input.columns.flatMap((c, i) =>
    c.hidden || filled.has(c.name) ? [] : [{ ...c, sample: schema.sampleRows[0]?.[i] ?? c.default ?? '' }],
  );
  const [row, setRow] = useState<Record<string, string>>(() =>
    Object.fromEntries(columns.map((c) => [c.name, c.sample])),
  );
  const [parameters, setParameters] = useState<Record<string, string>>(() =>
    Object.fromEntries(schema.parameters.map((p) => [p.name, p.default ?? ''])),
  );
  const test = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/web-services/{service}/test', {
          params: { path: { service: service.id } },
          body: { rows: [row], parameters },
        }),
      ),
  });
  return (
    <Panel title="Test" note="Asks the model, and is metered as any call">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          test.mutate();
        }}
      >
        <div
          style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fill, minmax(180px, 1fr))' }}
        >
          {columns.map((c) => (
            <Field
              key={c.name}
              of={c}
              value={row[c.name] ?? ''}
              onChange={(value) => setRow({ ...row, [c.name]: value })}
            />
          ))}
          {schema.parameters.map((p) => (
            <Field
              key={`parameter ${p.name}`}
              of={{ ...p, name: `${p.name} (global)` }}
              value={parameters[p.name] ?? ''}
              onChange={(value) => setParameters({ ...parameters, [p.name]: value })}
            />
          ))}
        </div>
        <div className="row">
          <Button type="submit" loading={test.isPending} disabled={service.state !== 'Succeeded'}>
            Test
          </Button>
        </div>
        <ErrorNotice error={test.error} />
        <div aria-live="polite">
          {test.data ? (
            <Facts>
              {test.data.columns.map((c, i) => (
                <Fact key={c.name} name={c.name}>
                  {test.data.rows[0]?.[i] ?? 'null'}
                </Fact>
              ))}
              <Fact name="Took">{formatDuration(test.data.durationMs)}</Fact>
            </Facts>
          ) : null}
        </div>
      </form>
    </Panel>
  );
}

interface FieldProps {
  readonly of: {
    readonly name: string;
    readonly type: string;
    readonly values?: readonly string[] | undefined;
    readonly description?: string | undefined;
  };
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Field({ of, value, onChange }: FieldProps) {
  const choices = of.values ?? (of.type === 'Boolean' ? ['True', 'False'] : null);
  const shared = { label: of.name, description: of.description ?? of.type };
  return choices ? (
    <Select {...shared} data={[...choices]} value={value || null} onChange={(v) => onChange(v ?? '')} />
  ) : (
    <TextInput {...shared} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
  );
}
