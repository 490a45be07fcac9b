import { CheckIcon } from '@radix-ui/react-icons';
import { MarkdownView } from '../../../components/markdown.tsx';
import styles from './product.module.css';

interface Props {
  readonly highlights: readonly string[];
  readonly longDescription: string;
}

/** What it does; the editor shows the same beside the form. */
export function Overview({ highlights, longDescription }: Props) {
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
    </>
  );
}
