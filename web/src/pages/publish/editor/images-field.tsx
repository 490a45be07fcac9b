import { limits } from '@souk/contract/limits';
import type { Upload } from '../../../api/types.ts';
import { FileDrop } from '../../../components/file-drop.tsx';
import { mediaUrl } from '../../../components/product-logo.tsx';
import styles from './editor.module.css';
import { DraftField, DraftPlace, useEditor, useSection } from './editor-context.tsx';
import { removeAt, replaceAt } from './lists.ts';
import { RemoveButton } from './remove-button.tsx';
import { Rows } from './rows.tsx';

/** Pictures of the product page, each with what it shows. */
export function ImagesField() {
  const { section, set } = useSection('promotion');
  const { editable } = useEditor();
  const images = section.images ?? [];
  const onUploaded = ({ media }: Upload) => {
    if (media) set({ images: [...images, { image: media, alt: '' }] });
  };
  return (
    <DraftPlace at="/promotion/images">
      <fieldset className="stack" style={{ border: 0, padding: 0, margin: 0, '--gap': '16px' }}>
        <legend className="small" style={{ fontWeight: 500, padding: 0 }}>
          Images
        </legend>
        <Rows of={images}>
          {({ image, alt }, i) => (
            <DraftPlace at={`/promotion/images/${i}/image`}>
              <div className={styles.pictures}>
                {image ? <img src={mediaUrl(image.sha256)} alt="" /> : <span />}
                <DraftField
                  at={`/promotion/images/${i}/alt`}
                  label={`What image ${i + 1} shows`}
                  description="Read to those who cannot see it, and shown below it."
                  required
                  charsMax={limits.images.altChars}
                  value={alt}
                  onChange={(text) =>
                    set({ images: replaceAt(images, i, { image: image ?? null, alt: text }) })
                  }
                />
                <RemoveButton
                  label={`Remove image ${i + 1}`}
                  onClick={() => set({ images: removeAt(images, i) })}
                />
              </div>
            </DraftPlace>
          )}
        </Rows>
        {editable && images.length < limits.images.max ? (
          <FileDrop
            compact
            label="Add an image"
            hint={`PNG, JPEG or still GIF, at least ${limits.images.sideMin} pixels a side, at most ${limits.mediaBytes / 2 ** 20} MB; ${images.length} of ${limits.images.max}`}
            accept="image/png,image/jpeg,image/gif"
            purpose="media"
            onUploaded={onUploaded}
          />
        ) : null}
      </fieldset>
    </DraftPlace>
  );
}
