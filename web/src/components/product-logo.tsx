import type { CSSProperties } from 'react';
import styles from './product-logo.module.css';

export const mediaUrl = (sha256: string) => `/media/${sha256}`;

/** Beside a title that says the name, so it is decoration for a screen reader. */
export function ProductLogo({ url, title, size = 40 }: { url: string | null; title: string; size?: number }) {
  const style = { '--size': `${size}px` } as CSSProperties;
  if (url)
    return (
      <span className={styles.logo} style={style}>
        <img src={url} alt="" loading="lazy" width={size} height={size} />
      </span>
    );
  return (
    <span className={`${styles.logo} ${styles.letters}`} style={style} aria-hidden="true">
      {initials(title)}
    </span>
  );
}

export const initials = (name: string) =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('') || '?';
