import { Select, Textarea, TextInput } from '@mantine/core';
import type { PublicOperation, ServiceParameter } from '@souk/contract/services';
import styles from './explorer.module.css';
import { type Entered, isRequired, likeOf, type Options, type Problem } from './service-call.ts';

interface Props {
  readonly operation: PublicOperation;
  readonly entered: Entered;
  readonly problems: readonly Problem[];
  readonly onChange: (name: string, value: string) => void;
}

/** One field for each parameter: a choice where the publisher closed it, lines for lists, text for all else. */
export function ParameterFields({ operation, entered, problems, onChange }: Props) {
  if (operation.parameters.length === 0)
    return <p className="muted small">This takes no values: it answers what there is.</p>;
  return (
    <div className={styles.fields}>
      {operation.parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          value={entered[parameter.name] ?? ''}
          problem={problems.find((one) => one.parameter === parameter.name)?.message}
          onChange={(value) => onChange(parameter.name, value)}
        />
      ))}
    </div>
  );
}

interface FieldProps {
  readonly parameter: ServiceParameter;
  readonly value: string;
  readonly problem: string | undefined;
  readonly onChange: (value: string) => void;
}

function ParameterField({ parameter, value, problem, onChange }: FieldProps) {
  const required = isRequired(parameter);
  const shared = {
    label: parameter.title ?? parameter.name,
    description: describe(parameter),
    error: problem,
    required,
    // The form is checked as a whole, in words; the browser's bubble would say less.
    withAsterisk: required,
  };
  const choices = parameter.type === 'Edm.Boolean' ? ['true', 'false'] : parameter.values;
  if (choices?.length && !parameter.collection)
    return (
      <Select
        {...shared}
        data={[...choices]}
        value={value === '' ? null : value}
        clearable={!required}
        searchable={choices.length > 8}
        placeholder={required ? 'Choose' : 'Not given'}
        onChange={(chosen) => onChange(chosen ?? '')}
      />
    );
  if (parameter.collection || (parameter.lengthMax ?? 0) > 200)
    return (
      <Textarea
        {...shared}
        rows={3}
        resize="vertical"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  return (
    <TextInput
      {...shared}
      spellCheck={false}
      autoComplete="off"
      value={value}
      placeholder={parameter.sample ?? ''}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function describe(parameter: ServiceParameter): string {
  const typed = parameter.type === 'Edm.String' && !parameter.collection ? null : likeOf(parameter);
  const otherwise = parameter.default ? `otherwise ${parameter.default}` : null;
  const said = parameter.description?.trim().replace(/\.$/, '');
  return [said, typed, otherwise].filter(Boolean).join('; ');
}

const optionFields = [
  ['filter', 'Filter', "Name eq 'x' and Size gt 5"],
  ['orderby', 'Order by', 'Size desc, Name'],
  ['select', 'Columns', 'Name, Size'],
  ['top', 'Rows at most', '100'],
] as const;

/** What of many rows is wanted, in OData's own words: what is learnt here works in every client. */
export function OptionFields({
  options,
  onChange,
}: {
  readonly options: Options;
  readonly onChange: (options: Options) => void;
}) {
  return (
    <div className={styles.fields}>
      {optionFields.map(([name, label, like]) => (
        <TextInput
          key={name}
          label={label}
          placeholder={like}
          spellCheck={false}
          autoComplete="off"
          inputMode={name === 'top' ? 'numeric' : 'text'}
          value={options[name] ?? ''}
          onChange={(event) => onChange({ ...options, [name]: event.currentTarget.value })}
        />
      ))}
    </div>
  );
}
