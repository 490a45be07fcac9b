import { ExternalLinkIcon } from '@radix-ui/react-icons';
import type { ProductDocument } from '../../../api/types.ts';
import styles from './resources.module.css';

type Promotion = NonNullable<ProductDocument['promotion']>;

const isWeb = (url: string | null | undefined): url is string => /^https?:\/\//.test(url ?? '');

/** A video and further reading. They are links: nothing of a stranger's server is loaded before somebody follows one. */
export function Resources({ promotion }: { promotion: Promotion }) {
  const links = [
    ...(isWeb(promotion.videoUrl) ? [{ text: 'Video', url: promotion.videoUrl }] : []),
    ...(promotion.links ?? []).filter((link) => isWeb(link.url)),
  ];
  if (links.length === 0) return null;
  return (
    <ul className={styles.list}>
      {links.map(({ text, url }) => (
        <li key={url + text}>
          <a href={url} target="_blank" rel="noopener noreferrer nofollow ugc" className="break">
            {text || url} <ExternalLinkIcon aria-hidden="true" />
          </a>
          <span className="tiny faint break">{hostOf(url)}</span>
        </li>
      ))}
    </ul>
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
