import { Button, TagsInput } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { limits } from '@souk/contract/limits';
import type { Upload } from '../../../api/types.ts';
import { FileDrop } from '../../../components/file-drop.tsx';
import { mediaUrl, ProductLogo } from '../../../components/product-logo.tsx';
import { DraftField, DraftPlace, useEditor, useSection } from './editor-context.tsx';
import { ImagesField } from './images-field.tsx';
import { removeAt, replaceAt } from './lists.ts';
import { RemoveButton } from './remove-button.tsx';
import { Rows } from './rows.tsx';

export function PromotionForm() {
  const { section, set } = useSection('promotion');
  const { document, editable } = useEditor();
  const keywords = section.keywords ?? [];
  const chars = [...keywords.join('')].length;
  const onLogo = ({ media }: Upload) => {
    if (media) set({ logo: media });
  };
  return (
    <>
      <DraftPlace at="/promotion/logo">
        <span className="small" style={{ fontWeight: 500 }}>
          Logo
        </span>
        <div className="row-nowrap" style={{ '--gap': '16px' }}>
          <ProductLogo
            url={section.logo ? mediaUrl(section.logo.sha256) : null}
            title={document.listing?.title ?? '?'}
            size={72}
          />
          {editable ? (
            <div className="grow">
              <FileDrop
                compact
                label="Choose a logo"
                hint="PNG, JPEG or GIF, 120 to 640 pixels, 1:1 or 2:1, on a transparent or white ground, at most 5 MB"
                accept="image/png,image/jpeg,image/gif"
                purpose="media"
                onUploaded={onLogo}
              />
            </div>
          ) : null}
        </div>
      </DraftPlace>
      <DraftPlace at="/promotion/keywords">
        <TagsInput
          label="Keywords"
          description={`${limits.keywords.min} to ${limits.keywords.max}; ${chars} of ${limits.keywords.charsTogether} characters together`}
          placeholder={keywords.length === 0 ? 'Type one, then Enter' : ''}
          value={keywords}
          disabled={!editable}
          splitChars={[',', ';']}
          onChange={(value) => set({ keywords: value })}
        />
      </DraftPlace>
      <ImagesField />
      <Links />
      <DraftField
        at="/promotion/videoUrl"
        label="Video"
        description="Shown as a link; nothing is loaded from there before a buyer follows it."
        type="url"
        placeholder="https://"
        charsMax={limits.urlChars}
        value={section.videoUrl ?? ''}
        onChange={(videoUrl) => set({ videoUrl: videoUrl || null })}
      />
    </>
  );
}

function Links() {
  const { section, set } = useSection('promotion');
  const { editable } = useEditor();
  const links = section.links ?? [];
  return (
    <DraftPlace at="/promotion/links">
      <fieldset className="stack" style={{ border: 0, padding: 0, margin: 0 }}>
        <legend className="small" style={{ fontWeight: 500, padding: 0 }}>
          Further reading
        </legend>
        <Rows of={links}>
          {(link, i) => (
            <div className="row-nowrap" style={{ alignItems: 'flex-start' }}>
              <div className="grow stack" style={{ '--gap': '8px' }}>
                <DraftField
                  at={`/promotion/links/${i}/text`}
                  label={`Text of link ${i + 1}`}
                  charsMax={limits.links.textChars}
                  value={link.text}
                  onChange={(text) => set({ links: replaceAt(links, i, { ...link, text }) })}
                />
                <DraftField
                  at={`/promotion/links/${i}/url`}
                  label={`Address of link ${i + 1}`}
                  type="url"
                  charsMax={limits.links.urlChars}
                  value={link.url}
                  onChange={(url) => set({ links: replaceAt(links, i, { ...link, url }) })}
                />
              </div>
              <RemoveButton
                label={`Remove link ${i + 1}`}
                onClick={() => set({ links: removeAt(links, i) })}
              />
            </div>
          )}
        </Rows>
        {links.length < limits.links.max && editable ? (
          <div>
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<PlusIcon />}
              onClick={() => set({ links: [...links, { text: '', url: '' }] })}
            >
              Add a link
            </Button>
          </div>
        ) : null}
      </fieldset>
    </DraftPlace>
  );
}
