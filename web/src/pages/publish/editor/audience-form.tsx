import { TagsInput } from '@mantine/core';
import { limits } from '@souk/contract/limits';
import { formatCount } from '../../../format/format.ts';
import { DraftPlace, useEditor, useSection } from './editor-context.tsx';

export function AudienceForm() {
  const { section, set } = useSection('audience');
  const { editable } = useEditor();
  const accounts = section.testAccounts ?? [];
  const [good, bad] = [accounts.filter(isAccountId), accounts.filter((a) => !isAccountId(a))];
  return (
    <DraftPlace at="/audience/testAccounts">
      <TagsInput
        label="Test accounts"
        description={`Accounts that see the preview, besides yours and the operator’s; ${formatCount(good.length)} of ${formatCount(limits.testAccounts)}`}
        placeholder={accounts.length === 0 ? '12-digit account ids' : ''}
        value={accounts}
        disabled={!editable}
        splitChars={[',', ' ', ';', '\n']}
        error={bad.length > 0 ? `${bad.join(', ')}: an account id has 12 digits.` : null}
        onChange={(testAccounts) => set({ testAccounts: testAccounts.filter(isAccountId) })}
      />
    </DraftPlace>
  );
}

const isAccountId = (text: string) => /^\d{12}$/.test(text);
