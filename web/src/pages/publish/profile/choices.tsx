import { Select, Switch } from '@mantine/core';
import { countries, countryName } from '@souk/contract/countries';

const named = countries
  .map((value) => ({ value, label: countryName(value) }))
  .sort((a, b) => a.label.localeCompare(b.label));

interface ChoiceProps {
  readonly label: string;
  readonly value: string | null | undefined;
  readonly onChange: (value: string | undefined) => void;
  readonly error?: string | undefined;
  readonly description?: string;
}

export function CountryField({ label, value, onChange, error, description }: ChoiceProps) {
  return (
    <Select
      label={label}
      description={description}
      data={named}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': `Clear ${label}` }}
      placeholder="Choose a country"
      value={value ?? null}
      error={error}
      onChange={(chosen) => onChange(chosen ?? undefined)}
    />
  );
}

export function ChoiceField(props: ChoiceProps & { readonly of: Readonly<Record<string, string>> }) {
  const { label, value, onChange, error, description, of } = props;
  return (
    <Select
      label={label}
      description={description}
      data={Object.entries(of).map(([v, words]) => ({ value: v, label: words }))}
      placeholder="Choose one"
      value={value ?? null}
      error={error}
      allowDeselect={false}
      onChange={(chosen) => onChange(chosen ?? undefined)}
    />
  );
}

/** Yes, no, or not answered yet. */
export function YesNo({
  label,
  value,
  onChange,
  error,
  description,
}: {
  label: string;
  value: boolean | undefined;
  onChange: (value: boolean) => void;
  error?: string | undefined;
  description?: string;
}) {
  return (
    <ChoiceField
      label={label}
      {...(description ? { description } : {})}
      of={{ yes: 'Yes', no: 'No' }}
      value={value === undefined ? null : value ? 'yes' : 'no'}
      error={error}
      onChange={(v) => onChange(v === 'yes')}
    />
  );
}

export function Declare({
  label,
  value,
  onChange,
  error,
}: {
  label: string;
  value: boolean | undefined;
  onChange: (value: boolean) => void;
  error?: string | undefined;
}) {
  return (
    <Switch
      label={label}
      checked={value ?? false}
      error={error}
      onChange={(e) => onChange(e.currentTarget.checked)}
    />
  );
}
