import type { ReactNode } from 'react';
import styles from './entry.module.css';

interface Props {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly below?: ReactNode;
  readonly children: ReactNode;
}

export function EntryFrame({ title, lead, below, children }: Props) {
  return (
    <div className={styles.frame}>
      <div className={styles.card}>
        <title>{`${title} · Souk`}</title>
        <div className="stack" style={{ '--gap': '4px' }}>
          <h1>{title}</h1>
          {lead ? <p className="muted">{lead}</p> : null}
        </div>
        <div className={styles.form}>{children}</div>
        {below ? <p className={styles.below}>{below}</p> : null}
      </div>
    </div>
  );
}
