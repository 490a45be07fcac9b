import { Radio } from '@mantine/core';
import { limits } from '@souk/contract/limits';
import { DraftField, DraftPlace, useEditor, useSection } from './editor-context.tsx';
import { MarkdownField } from './markdown-field.tsx';

export function SupportForm() {
  const { section, set } = useSection('support');
  const { editable } = useEditor();
  return (
    <>
      <DraftPlace at="/support/offered">
        <Radio.Group
          label="Do you offer support?"
          value={section.offered === undefined ? '' : section.offered ? 'yes' : 'no'}
          onChange={(value) => set({ offered: value === 'yes' })}
        >
          <div className="row" style={{ '--gap': '20px', paddingTop: 6 }}>
            <Radio value="yes" label="Yes" disabled={!editable} />
            <Radio value="no" label="No" disabled={!editable} />
          </div>
        </Radio.Group>
      </DraftPlace>
      <MarkdownField
        at="/support/description"
        label="Support description"
        description="What you answer, how fast, at which hours."
        rows={4}
        charsMax={limits.supportDescriptionChars}
        value={section.description}
        onChange={(description) => set({ description })}
      />
      <DraftField
        at="/support/email"
        label="E-mail"
        type="email"
        charsMax={limits.emailChars}
        value={section.email}
        onChange={(email) => set({ email })}
      />
      <DraftField
        at="/support/url"
        label="Web address"
        type="url"
        placeholder="https://"
        charsMax={limits.urlChars}
        value={section.url}
        onChange={(url) => set({ url })}
      />
    </>
  );
}
