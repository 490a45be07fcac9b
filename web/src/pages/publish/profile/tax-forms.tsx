import { entityTypes, fatcaStatuses, type TaxForm, w9Classes } from '@souk/contract/tax-interview';
import { TextField } from '../../../components/form-field.tsx';
import { ChoiceField, CountryField, YesNo } from './choices.tsx';
import { TreatyFields } from './tax-treaty.tsx';
import type { TaxAnswers } from './tax-who.tsx';

const special: Readonly<Record<string, string>> = {
  'c-corporation': 'C corporation',
  's-corporation': 'S corporation',
  'trust-estate': 'Trust or estate',
  'llc-c': 'LLC, taxed as C corporation',
  'llc-s': 'LLC, taxed as S corporation',
  'llc-partnership': 'LLC, taxed as partnership',
  'active-nffe': 'Active NFFE (most companies that sell something)',
  'passive-nffe': 'Passive NFFE',
  'publicly-traded-nffe': 'Publicly traded NFFE',
  'reporting-ffi': 'Reporting FFI',
  'nonreporting-ffi': 'Nonreporting FFI',
};
const words = (list: readonly string[]) =>
  Object.fromEntries(
    list.map((v) => [v, special[v] ?? `${v[0]?.toUpperCase()}${v.slice(1).replaceAll('-', ' ')}`]),
  );

/** What the form asks beyond who one is. */
export function FormFields({ form, leadsTo }: { form: TaxAnswers; leadsTo: TaxForm }) {
  if (leadsTo === 'W-9') return <W9 form={form} />;
  return leadsTo === 'W-8BEN' ? <W8Ben form={form} /> : <W8BenE form={form} />;
}

function W9({ form }: { form: TaxAnswers }) {
  const f = form.answers.w9 ?? {};
  const set = (change: typeof f) => form.set({ w9: { ...f, ...change } });
  return (
    <>
      <ChoiceField
        label="Federal tax classification"
        of={words(w9Classes)}
        value={f.classification}
        error={form.error('/w9/classification')}
        onChange={(v) => set({ classification: v as (typeof w9Classes)[number] })}
      />
      {f.classification === 'other' ? (
        <TextField
          label="Which other"
          value={f.otherClassification ?? ''}
          findings={form.of('/w9/otherClassification')}
          onChange={(otherClassification) => set({ otherClassification })}
        />
      ) : null}
      <YesNo
        label="Has the IRS told you that you are subject to backup withholding?"
        value={f.backupWithholding}
        error={form.error('/w9/backupWithholding')}
        onChange={(backupWithholding) => set({ backupWithholding })}
      />
      <TextField
        label="Exempt payee code, if any"
        value={f.exemptPayeeCode ?? ''}
        findings={form.of('/w9/exemptPayeeCode')}
        onChange={(exemptPayeeCode) => set({ exemptPayeeCode })}
      />
      <TextField
        label="FATCA exemption code, if any"
        value={f.fatcaExemptionCode ?? ''}
        findings={form.of('/w9/fatcaExemptionCode')}
        onChange={(fatcaExemptionCode) => set({ fatcaExemptionCode })}
      />
    </>
  );
}

function W8Ben({ form }: { form: TaxAnswers }) {
  const f = form.answers.w8ben ?? {};
  const set = (change: typeof f) => form.set({ w8ben: { ...f, ...change } });
  return (
    <>
      <CountryField
        label="Citizenship"
        value={f.citizenship}
        error={form.error('/w8ben/citizenship')}
        onChange={(citizenship) => set(citizenship ? { citizenship } : {})}
      />
      <TextField
        label="Date of birth"
        placeholder="1980-12-31"
        value={f.dateOfBirth ?? ''}
        findings={form.of('/w8ben/dateOfBirth')}
        onChange={(dateOfBirth) => set({ dateOfBirth })}
      />
      <TreatyFields
        form={form}
        at="/w8ben/treaty"
        treaty={f.treaty ?? null}
        onChange={(treaty) => set({ treaty })}
      />
    </>
  );
}

function W8BenE({ form }: { form: TaxAnswers }) {
  const f = form.answers.w8bene ?? {};
  const set = (change: typeof f) => form.set({ w8bene: { ...f, ...change } });
  return (
    <>
      <CountryField
        label="Country of incorporation"
        value={f.countryOfIncorporation}
        error={form.error('/w8bene/countryOfIncorporation')}
        onChange={(v) => set(v ? { countryOfIncorporation: v } : {})}
      />
      <ChoiceField
        label="Type of entity"
        of={words(entityTypes)}
        value={f.entityType}
        error={form.error('/w8bene/entityType')}
        onChange={(v) => set({ entityType: v as (typeof entityTypes)[number] })}
      />
      <ChoiceField
        label="FATCA status"
        of={words(fatcaStatuses)}
        value={f.fatcaStatus}
        error={form.error('/w8bene/fatcaStatus')}
        onChange={(v) => set({ fatcaStatus: v as (typeof fatcaStatuses)[number] })}
      />
      {f.fatcaStatus?.includes('ffi') ? (
        <TextField
          label="GIIN"
          placeholder="98Q96B.00000.LE.250"
          value={f.giin ?? ''}
          findings={form.of('/w8bene/giin')}
          onChange={(giin) => set({ giin })}
        />
      ) : null}
      <TreatyFields
        form={form}
        at="/w8bene/treaty"
        treaty={f.treaty ?? null}
        onChange={(treaty) => set({ treaty })}
      />
    </>
  );
}
