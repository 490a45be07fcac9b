import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { MarkdownView } from '../../../components/markdown.tsx';
import styles from './editor.module.css';
import { DraftField } from './editor-context.tsx';

type Props = Parameters<typeof DraftField>[0];

/** A text in Markdown, and what becomes of it: the same renderer as on the product page, so nothing looks different there. */
export function MarkdownField({ description, ...props }: Props) {
  const [preview, setPreview] = useState(false);
  return (
    <div className={styles.markdown}>
      <SegmentedControl
        className={styles.markdownSwitch ?? ''}
        size="xs"
        aria-label="Write or preview"
        value={preview ? 'preview' : 'write'}
        onChange={(value) => setPreview(value === 'preview')}
        data={[
          { value: 'write', label: 'Write' },
          { value: 'preview', label: 'Preview' },
        ]}
      />
      {preview ? (
        <section aria-label={`${props.label}: preview`}>
          <p className="small" style={{ fontWeight: 500, paddingBottom: 6 }}>
            {props.label}
          </p>
          <div className={styles.preview}>
            {props.value?.trim() ? (
              <MarkdownView text={props.value} />
            ) : (
              <p className="faint">Nothing to see yet.</p>
            )}
          </div>
        </section>
      ) : (
        <DraftField
          {...props}
          description={
            <>
              {description ? <>{description} </> : null}Markdown: headings, lists, tables, code, links to
              https://. No HTML, no pictures by address.
            </>
          }
        />
      )}
    </div>
  );
}
