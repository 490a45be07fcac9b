import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { edmTypes } from '@souk/contract/services';
import type { ProductDocument } from '../../../api/types.ts';
import styles from './editor.module.css';
import { DraftField, DraftPlace, useEditor, useSection } from './editor-context.tsx';
import { removeAt, replaceAt } from './lists.ts';
import { RemoveButton } from './remove-button.tsx';
import { Rows } from './rows.tsx';

type Operation = NonNullable<NonNullable<ProductDocument['service']>['operations']>[number];
type Parameter = Operation['parameters'][number];
type Column = Operation['columns'][number];

const newOperation = (n: number): Operation => ({
  name: `Operation${n}`,
  kind: 'function',
  parameters: [],
  columns: [{ name: 'value', type: 'Edm.String' }],
  collection: true,
  request: { method: 'GET', path: '' },
  response: { format: 'json', rows: '$[*]' },
});

/** Operations described by hand: how the service is asked, and where rows and columns are in its answers. */
export function ServiceOperations() {
  const { section, set } = useSection('service');
  const { editable } = useEditor();
  const operations = section.operations ?? [];
  const change = (i: number, part: Partial<Operation>) => {
    const before = operations[i];
    if (before) set({ operations: replaceAt(operations, i, { ...before, ...part }) });
  };
  return (
    <DraftPlace at="/service/operations">
      <div className="stack" style={{ '--gap': '16px' }}>
        <Rows of={operations}>
          {(operation, i) => (
            <div className="row-nowrap" style={{ alignItems: 'flex-start' }}>
              <OperationFields
                at={`/service/operations/${i}`}
                operation={operation}
                change={(part) => change(i, part)}
              />
              <RemoveButton
                label={`Remove ${operation.name}`}
                onClick={() => set({ operations: removeAt(operations, i) })}
              />
            </div>
          )}
        </Rows>
        <div>
          <Button
            variant="default"
            disabled={!editable}
            leftSection={<PlusIcon />}
            onClick={() => set({ operations: [...operations, newOperation(operations.length + 1)] })}
          >
            Add an operation
          </Button>
        </div>
      </div>
    </DraftPlace>
  );
}

interface FieldsProps {
  readonly at: string;
  readonly operation: Operation;
  readonly change: (part: Partial<Operation>) => void;
}

function OperationFields({ at, operation: o, change }: FieldsProps) {
  const { editable } = useEditor();
  const ask = (part: Partial<Operation['request']>) => change({ request: { ...o.request, ...part } });
  const answer = (part: Partial<Operation['response']>) => change({ response: { ...o.response, ...part } });
  return (
    <div className={`grow ${styles.group}`} style={{ gap: 10 }}>
      <DraftField
        at={`${at}/name`}
        label="Operation"
        mono
        value={o.name}
        onChange={(name) => change({ name })}
      />
      <DraftField
        at={`${at}/description`}
        label="Description"
        rows={2}
        value={o.description}
        onChange={(description) => change({ description })}
      />
      <NativeSelect
        label="Method"
        data={['GET', 'POST', 'PUT', 'DELETE']}
        value={o.request.method}
        disabled={!editable}
        onChange={({ currentTarget: { value } }) =>
          change({
            request: { ...o.request, method: value as 'GET' },
            kind: value === 'GET' ? 'function' : 'both',
          })
        }
      />
      <DraftField
        at={`${at}/request/path`}
        label="Path and query"
        mono
        description="Relative to the service URL; {name} stands for a parameter."
        value={o.request.path}
        onChange={(path) => ask({ path })}
      />
      {o.request.method === 'GET' ? null : (
        <DraftField
          at={`${at}/request/body`}
          label="Body"
          mono
          rows={4}
          description="In JSON {name} is written as a JSON value, inside quotes as text."
          value={o.request.body ?? ''}
          onChange={(body) => ask({ body })}
        />
      )}
      <NativeSelect
        label="Answers"
        data={[
          { value: 'json', label: 'JSON' },
          { value: 'xml', label: 'XML' },
          { value: 'csv', label: 'CSV' },
        ]}
        value={o.response.format}
        disabled={!editable}
        onChange={({ currentTarget: { value } }) => answer({ format: value as 'json' })}
      />
      <Checkbox
        label="Several rows"
        checked={o.collection}
        disabled={!editable}
        onChange={(event) => change({ collection: event.currentTarget.checked })}
      />
      {o.response.format === 'csv' ? null : (
        <DraftField
          at={`${at}/response/rows`}
          label="Where the rows are"
          mono
          description={
            o.response.format === 'json' ? 'A JSONPath such as $.items[*].' : 'An XPath such as /items/item.'
          }
          value={o.response.rows}
          onChange={(rows) => {
            const { rows: _, ...rest } = o.response;
            change({ response: rows === '' ? rest : { ...rest, rows } });
          }}
        />
      )}
      <Items<Parameter>
        at={`${at}/parameters`}
        what="parameter"
        items={o.parameters}
        add={(n) => ({ name: `p${n}`, type: 'Edm.String' })}
        onChange={(parameters) => change({ parameters })}
        extra={{ label: 'Sample', field: 'sample' }}
      />
      <Items<Column>
        at={`${at}/columns`}
        what="column"
        items={o.columns}
        add={(n) => ({ name: `c${n}`, type: 'Edm.String' })}
        onChange={(columns) => change({ columns })}
        extra={{ label: 'Path, if it is not the name', field: 'path' }}
      />
    </div>
  );
}

interface ItemsProps<T> {
  readonly at: string;
  readonly what: string;
  readonly items: readonly T[];
  readonly add: (n: number) => T;
  readonly onChange: (items: T[]) => void;
  readonly extra: { readonly label: string; readonly field: keyof T & string };
}

function Items<T extends Parameter | Column>({ at, what, items, add, onChange, extra }: ItemsProps<T>) {
  const { editable } = useEditor();
  const set = (i: number, part: object) => {
    const before = items[i];
    if (before) onChange(replaceAt(items, i, { ...before, ...part }));
  };
  return (
    <DraftPlace at={at}>
      <Rows of={items}>
        {(item, i) => (
          <div className="row-nowrap" style={{ alignItems: 'flex-start', '--gap': '8px' }}>
            <div className="row grow" style={{ alignItems: 'flex-start', '--gap': '8px' }}>
              <DraftField
                at={`${at}/${i}/name`}
                label={`Name of ${what} ${i + 1}`}
                mono
                value={item.name}
                onChange={(name) => set(i, { name })}
              />
              <NativeSelect
                label="Type"
                data={[...edmTypes]}
                value={item.type}
                disabled={!editable}
                onChange={({ currentTarget: { value } }) => set(i, { type: value })}
              />
              <DraftField
                at={`${at}/${i}/${extra.field}`}
                label={extra.label}
                mono
                value={String(item[extra.field] ?? '')}
                onChange={(value) => set(i, { [extra.field]: value === '' ? undefined : value })}
              />
            </div>
            <RemoveButton label={`Remove ${what} ${i + 1}`} onClick={() => onChange(removeAt(items, i))} />
          </div>
        )}
      </Rows>
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          disabled={!editable}
          leftSection={<PlusIcon />}
          onClick={() => onChange([...items, add(items.length + 1)])}
        >
          Add a {what}
        </Button>
      </div>
    </DraftPlace>
  );
}
