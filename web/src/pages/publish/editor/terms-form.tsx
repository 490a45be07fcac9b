import { Button, FileButton } from '@mantine/core';
import { limits } from '@souk/contract/limits';
import { DraftField, useEditor, useSection } from './editor-context.tsx';

export function TermsForm() {
  const { section, set } = useSection('terms');
  const { editable } = useEditor();
  return (
    <>
      <DraftField
        at="/terms/eula"
        label="Licence agreement"
        description="Plain text. Buyers accept exactly this text; their agreement carries its digest."
        required
        rows={16}
        charsMax={limits.eulaChars}
        value={section.eula}
        onChange={(eula) => set({ eula })}
      />
      {editable ? (
        <div>
          <FileButton
            accept="text/plain,.txt,.md"
            onChange={(file) => {
              if (file) void file.text().then((eula) => set({ eula }));
            }}
          >
            {(props) => (
              <Button {...props} variant="default" size="compact-sm">
                Take it from a text file
              </Button>
            )}
          </FileButton>
        </div>
      ) : null}
      <DraftField
        at="/terms/refundPolicy"
        label="Refund policy"
        description="When money is given back, and whom to ask."
        required
        rows={3}
        charsMax={limits.refundPolicyChars}
        value={section.refundPolicy}
        onChange={(refundPolicy) => set({ refundPolicy })}
      />
    </>
  );
}
