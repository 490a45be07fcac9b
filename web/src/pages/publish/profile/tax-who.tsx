import { type TaxInterview, taxNumberCountry } from '@souk/contract/tax-interview';
import {
  type TaxNumberType,
  taxNumberExample,
  taxNumberNames,
  taxNumberTypesFor,
} from '@souk/contract/tax-numbers';
import { vatRules } from '@souk/contract/vat-numbers';
import { TextField } from '../../../components/form-field.tsx';
import type { useAnswers } from './answers.ts';
import { ChoiceField, CountryField, YesNo } from './choices.tsx';

export type TaxAnswers = ReturnType<typeof useAnswers<TaxInterview>>;

/** Who is paid, where, and under which numbers. */
export function WhoFields({ form }: { form: TaxAnswers }) {
  const t = form.answers;
  const address = t.address ?? {};
  const place = (field: 'line1' | 'line2' | 'city' | 'state' | 'postalCode', label: string) => (
    <TextField
      label={label}
      value={address[field] ?? ''}
      findings={form.of(`/address/${field}`)}
      onChange={(value) => form.set({ address: { ...address, [field]: value } })}
    />
  );
  return (
    <>
      <ChoiceField
        label="Who is paid?"
        of={{ individual: 'An individual', company: 'A company or other organisation' }}
        value={t.kind}
        error={form.error('/kind')}
        onChange={(kind) => form.set({ kind: kind as 'individual' | 'company', taxNumbers: [] })}
      />
      <TextField
        label="Legal name"
        description="As on the tax return."
        charsMax={200}
        value={t.legalName ?? ''}
        findings={form.of('/legalName')}
        onChange={(legalName) => form.set({ legalName })}
      />
      <CountryField
        label="Country of tax residence"
        value={t.country}
        error={form.error('/country')}
        onChange={(country) => {
          const { country: _before, vatRegistered, ...rest } = t;
          form.set({
            ...rest,
            taxNumbers: [],
            ...(country ? { country, address: { ...address, country } } : {}),
          });
        }}
      />
      <YesNo
        label="Are you a US person?"
        description="A citizen or resident of the United States, or an organisation formed there."
        value={t.usPerson}
        error={form.error('/usPerson')}
        onChange={(usPerson) => form.set({ usPerson, taxNumbers: [] })}
      />
      {place('line1', 'Street and number')}
      {place('line2', 'Further line')}
      {place('postalCode', address.country === 'US' ? 'ZIP code' : 'Postal code')}
      {place('city', 'City')}
      {place('state', address.country === 'US' ? 'State' : 'State or province')}
      <CountryField
        label="Country of the address"
        value={address.country}
        error={form.error('/address/country')}
        onChange={(country) => form.set({ address: { ...address, ...(country ? { country } : {}) } })}
      />
      <Numbers form={form} />
    </>
  );
}

function Numbers({ form }: { form: TaxAnswers }) {
  const t = form.answers;
  const country = taxNumberCountry(t);
  if (!country || t.kind === undefined || t.usPerson === undefined) return null;
  const asksVat = country in vatRules;
  const types = taxNumberTypesFor(country, t.kind).filter(
    (type) => type !== 'vat' || t.vatRegistered === true,
  );
  const given = t.taxNumbers ?? [];
  const set = (type: TaxNumberType, number: string) => {
    const others = given.filter((n) => n.type !== type);
    form.set({ taxNumbers: number === '' ? others : [...others, { type, number }] });
  };
  return (
    <>
      {asksVat ? (
        <YesNo
          label="Are you registered for VAT?"
          value={t.vatRegistered}
          error={form.error('/vatRegistered')}
          onChange={(vatRegistered) =>
            form.set({
              vatRegistered,
              ...(vatRegistered ? {} : { taxNumbers: given.filter((n) => n.type !== 'vat') }),
            })
          }
        />
      ) : null}
      {types.map((type, i) => {
        const at = given.findIndex((n) => n.type === type);
        const choice = types.length > 1 && !types.includes('vat') ? 'One of these is enough.' : '';
        const hint =
          asksVat && t.vatRegistered && type !== 'vat' ? 'Besides the VAT number, if there is one.' : choice;
        const example = taxNumberExample(country, type);
        return (
          <TextField
            key={type}
            label={taxNumberNames[type]}
            {...(hint || example
              ? {
                  description: [example ? `As in ${example}.` : '', hint].filter(Boolean).join(' '),
                }
              : {})}
            autoComplete="off"
            value={given[at]?.number ?? ''}
            findings={[
              ...(at >= 0 ? form.of(`/taxNumbers/${at}/number`) : []),
              ...(i === 0 ? form.of('/taxNumbers') : []),
            ]}
            onChange={(number) => set(type, number)}
          />
        );
      })}
    </>
  );
}
