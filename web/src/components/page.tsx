import type { ReactNode } from 'react';
import { Link } from 'react-router';
import styles from './page.module.css';

export interface Crumb {
  readonly label: string;
  readonly to: string;
}

interface Props {
  /** The document's title and, unless `heading` says otherwise, the heading. */
  readonly title: string;
  readonly heading?: ReactNode;
  readonly beside?: ReactNode;
  readonly lead?: ReactNode;
  readonly trail?: readonly Crumb[];
  readonly actions?: ReactNode;
  readonly width?: 'narrow' | 'normal' | 'wide';
  readonly children: ReactNode;
}

/** The frame of every page: where one is, what it is called, what one can do. */
export function Page({ title, heading, beside, lead, trail, actions, width = 'normal', children }: Props) {
  return (
    <div className={styles.page} data-width={width}>
      <title>{`${title} · Souk`}</title>
      {trail && trail.length > 0 ? <Trail trail={trail} /> : null}
      <header className={styles.head}>
        <div className={styles.words}>
          <div className={styles.title}>
            <h1>{heading ?? title}</h1>
            {beside}
          </div>
          {lead ? <p className={styles.lead}>{lead}</p> : null}
        </div>
        {actions ? <div className={styles.actions}>{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}

export function Trail({ trail }: { trail: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumbs" className={styles.trail}>
      <ol>
        {trail.map((crumb) => (
          <li key={crumb.to}>
            <Link to={crumb.to}>{crumb.label}</Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}
