import { TextField } from '../../../components/form-field.tsx';
import { Declare } from './choices.tsx';
import type { TaxAnswers } from './tax-who.tsx';

export function SignatureFields({ form }: { form: TaxAnswers }) {
  const { kind, signature: s = {} } = form.answers;
  const set = (change: typeof s) => form.set({ signature: { ...s, ...change } });
  return (
    <>
      <TextField
        label="Signature"
        description={kind === 'individual' ? 'Your legal name, as above.' : 'The name of whoever signs.'}
        value={s.name ?? ''}
        findings={form.of('/signature/name')}
        onChange={(name) => set({ name })}
      />
      {kind === 'company' ? (
        <TextField
          label="What the signer is in the company"
          value={s.capacity ?? ''}
          findings={form.of('/signature/capacity')}
          onChange={(capacity) => set({ capacity })}
        />
      ) : null}
      <TextField
        label="Date"
        value={s.date ?? ''}
        findings={form.of('/signature/date')}
        onChange={(date) => set({ date })}
      />
      <Declare
        label="I sign electronically instead of on paper."
        value={s.consent}
        error={form.error('/signature/consent')}
        onChange={(consent) => set({ consent })}
      />
      <Declare
        label="Under penalties of perjury, I declare that these answers are true, correct and complete."
        value={s.certify}
        error={form.error('/signature/certify')}
        onChange={(certify) => set({ certify })}
      />
    </>
  );
}
