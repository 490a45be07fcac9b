import { Button, Radio } from '@mantine/core';
import { useState } from 'react';
import { Notice } from '../../../components/states.tsx';
import { CopyProductDialog } from '../copy-product-dialog.tsx';
import { DraftPlace, useEditor, useSection } from './editor-context.tsx';

/** Private goes one way: said before it is chosen, explained where it holds, with the way out. */
export function VisibilityField() {
  const { section, set } = useSection('listing');
  const { editable, product } = useEditor();
  const [copying, setCopying] = useState(false);
  const settled =
    product.submissionId !== null && product.visibility === 'private' && section.visibility === 'private';
  return (
    <DraftPlace at="/listing/visibility">
      <Radio.Group
        label="Product visibility"
        value={section.visibility ?? ''}
        onChange={(value) => set({ visibility: value as 'public' | 'private' })}
      >
        <div className="stack" style={{ '--gap': '8px', paddingTop: 6 }}>
          <Radio
            value="public"
            label="Public"
            description="At first your test accounts see it; after your sign-off everybody finds it in the catalogue."
            disabled={!editable || settled}
          />
          <Radio
            value="private"
            label="Private"
            description="Only the accounts that you name see it. Private can never become public."
            disabled={!editable}
          />
        </div>
      </Radio.Group>
      {settled ? (
        <Notice
          tone="info"
          title="This product stays private"
          actions={
            <Button variant="default" size="compact-sm" onClick={() => setCopying(true)}>
              Make a copy
            </Button>
          }
        >
          It was agreed with a few, under terms that others have not seen. To offer the same to everybody,
          make a copy that is public from the start.
        </Notice>
      ) : null}
      <CopyProductDialog
        product={product}
        visibility="public"
        opened={copying}
        onClose={() => setCopying(false)}
      />
    </DraftPlace>
  );
}
