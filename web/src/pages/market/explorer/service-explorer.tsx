import { Button, Select, Tabs } from '@mantine/core';
import { PlayIcon } from '@radix-ui/react-icons';
import type { PublicOperation } from '@souk/contract/services';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { hasCode } from '../../../api/errors.ts';
import type { CatalogProduct } from '../../../api/types.ts';
import { CodeTabs } from '../../../components/code.tsx';
import { CopyButton } from '../../../components/copy.tsx';
import { MarkdownView } from '../../../components/markdown.tsx';
import { EmptyState, ErrorNotice, ErrorState } from '../../../components/states.tsx';
import { KeyField } from './call-key.tsx';
import { Columns } from './columns.tsx';
import styles from './explorer.module.css';
import { type Balance, type ServiceAnswer, send } from './service-answer.ts';
import { callOf, firstValues, type Options, problemsOf, type ServiceCall } from './service-call.ts';
import { codeOf } from './service-code.ts';
import { OptionFields, ParameterFields } from './service-form.tsx';
import { ServiceResult } from './service-result.tsx';
import { nameIn, optionsIn } from './service-sample.ts';

/** With more operations than this a list is found through faster than tabs. */
const tabsMax = 8;

export interface ExplorerProps {
  /** `publisher/product`, as it is called. */
  readonly product: string;
  /** The address of the service, as others reach it. */
  readonly root: string;
  readonly operations: readonly PublicOperation[];
  readonly sample: NonNullable<CatalogProduct['service']>['sample'];
  readonly subscribed: boolean;
}

/** Every operation as a form: fill it in, run it with a key, see the rows, what they cost and the code for the same call. */
export function ServiceExplorer(props: ExplorerProps) {
  const { operations, sample } = props;
  const [name, setName] = useState(
    operations.find((one) => sample && one.name === nameIn(sample.operation))?.name ??
      operations[0]?.name ??
      '',
  );
  const [key, setKey] = useState('');
  const titleOf = (operation: PublicOperation) => operation.title ?? operation.name;
  const current = operations.find((one) => one.name === name) ?? operations[0];
  if (!current)
    return (
      <EmptyState title="No operations are described">
        What this service offers stands in its own metadata.
      </EmptyState>
    );
  const panel = <OperationPanel key={current.name} {...props} operation={current} apiKey={key} />;
  return (
    <div className="stack">
      {props.subscribed ? <KeyField product={props.product} value={key} onChange={setKey} /> : null}
      {operations.length === 1 ? (
        panel
      ) : operations.length > tabsMax ? (
        <>
          <Select
            label="Operation"
            data={operations.map((one) => ({ value: one.name, label: titleOf(one) }))}
            value={current.name}
            allowDeselect={false}
            searchable
            onChange={(chosen) => setName(chosen ?? current.name)}
          />
          {panel}
        </>
      ) : (
        <Tabs value={current.name} onChange={(chosen) => setName(chosen ?? current.name)}>
          <Tabs.List aria-label="Operations">
            {operations.map((one) => (
              <Tabs.Tab key={one.name} value={one.name}>
                {titleOf(one)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value={current.name} pt="md">
            {panel}
          </Tabs.Panel>
        </Tabs>
      )}
    </div>
  );
}

interface Shown {
  readonly answer: ServiceAnswer;
  readonly rows: readonly Record<string, unknown>[];
  readonly balance: Balance | null;
}

function OperationPanel({
  operation,
  apiKey,
  root,
  sample,
  subscribed,
}: ExplorerProps & { readonly operation: PublicOperation; readonly apiKey: string }) {
  const headingId = useId();
  const [entered, setEntered] = useState(() => firstValues(operation, sample));
  const [options, setOptions] = useState<Options>(() =>
    sample && nameIn(sample.operation) === operation.name ? optionsIn(sample.operation) : {},
  );
  const [checked, setChecked] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  const problems = problemsOf(operation, entered);
  const call = callOf(root, operation, entered, options);
  const run = useMutation({
    mutationFn: (given: ServiceCall) => send(given, apiKey),
    onSuccess: (answer) => setShown({ answer, rows: answer.rows, balance: answer.balance }),
    // A call may cost something: only the person repeats it. One that was refused for a key of this second cost nothing.
    retry: (count, error) => hasCode(error, 'call.key_unknown') && count < 3,
    retryDelay: 500,
  });
  const more = useMutation({
    mutationFn: (link: string) => send({ method: 'GET', url: link, body: null }, apiKey),
    onSuccess: (answer) =>
      setShown((before) => ({
        answer,
        rows: [...(before?.rows ?? []), ...answer.rows],
        balance: answer.balance,
      })),
    retry: false,
  });
  const next = shown?.answer.nextLink;
  const sampleRows = sample && nameIn(sample.operation) === operation.name ? sample.rows : [];
  return (
    <div className="stack" style={{ '--gap': '16px' }}>
      {operation.description ? <MarkdownView text={operation.description} /> : null}
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setChecked(true);
          if (problems.length > 0 || apiKey === '') return;
          setShown(null);
          more.reset();
          run.mutate(call);
        }}
      >
        <ParameterFields
          operation={operation}
          entered={entered}
          problems={checked ? problems : []}
          onChange={(name, value) => setEntered((before) => ({ ...before, [name]: value }))}
        />
        {operation.collection ? <OptionFields options={options} onChange={setOptions} /> : null}
        <div className="row">
          <Button
            type="submit"
            leftSection={<PlayIcon />}
            loading={run.isPending}
            disabled={!subscribed || apiKey === ''}
          >
            Run
          </Button>
          <span className="small faint">
            {!subscribed
              ? 'Subscribe to run it; the code below works as soon as you have.'
              : apiKey === ''
                ? 'A key is needed above.'
                : 'A call counts as any other call of your plan.'}
          </span>
        </div>
      </form>
      {run.error && !run.isPending ? <ErrorState error={run.error} /> : null}
      {shown ? (
        <>
          <ServiceResult
            name={operation.name}
            columns={operation.columns}
            rows={shown.rows}
            balance={shown.balance}
            durationMs={shown.answer.durationMs}
            more={next ? { busy: more.isPending, load: () => more.mutate(next) } : undefined}
          />
          <ErrorNotice error={more.error} />
        </>
      ) : sampleRows.length > 0 && !run.isPending && !run.error ? (
        <section className="stack" aria-label="Answer to the sample">
          <p className="muted small">The sample call was answered so when the product was checked.</p>
          <ServiceResult
            name={operation.name}
            columns={operation.columns}
            rows={sampleRows}
            balance={null}
            durationMs={null}
            more={undefined}
          />
        </section>
      ) : null}
      <Columns operation={operation} />
      <section className="stack" aria-labelledby={headingId}>
        <h3 id={headingId}>The same call elsewhere</h3>
        <div className="row-nowrap" style={{ alignItems: 'flex-start' }}>
          <span className={`${styles.address} mono small`}>
            {call.method} {call.url}
          </span>
          <CopyButton text={call.url} what="the address" />
        </div>
        <CodeTabs tabs={codeOf(call)} label="Language" />
      </section>
    </div>
  );
}
