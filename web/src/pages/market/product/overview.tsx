import { CheckIcon } from '@radix-ui/react-icons';
import type { Picture } from '../../../api/types.ts';
import { MarkdownView } from '../../../components/markdown.tsx';
import { Gallery } from './gallery.tsx';
import styles from './product.module.css';

interface Props {
  readonly highlights: readonly string[];
  readonly longDescription: string;
  readonly images?: readonly Picture[] | undefined;
}

/** What it does; the editor shows the same beside the form. */
export function Overview({ highlights, longDescription, images }: Props) {
  return (
    <>
      {highlights.length > 0 ? (
        <ul className={styles.highlights}>
          {highlights.map((highlight) => (
            <li key={highlight}>
              <CheckIcon aria-hidden="true" />
              <span>{highlight}</span>
            </li>
          ))}
        </ul>
      ) : null}
      <MarkdownView text={longDescription} />
      <Gallery images={images ?? []} />
    </>
  );
}
