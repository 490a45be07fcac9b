import { type ReactNode, useId } from 'react';
import styles from './panel.module.css';

interface Props {
  readonly title?: ReactNode;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  /** Content to the edge: tables and lists bring their own spacing. */
  readonly flush?: boolean;
  readonly id?: string;
  readonly children: ReactNode;
}

export function Panel({ title, note, actions, flush, id, children }: Props) {
  const headingId = useId();
  return (
    <section
      className={styles.panel}
      id={id}
      aria-labelledby={title ? headingId : undefined}
      data-flush={flush || undefined}
      data-headless={!title || undefined}
    >
      {title ? (
        <div className={styles.head}>
          <div className={styles.words}>
            <h2 id={headingId}>{title}</h2>
            {note ? <p className={styles.note}>{note}</p> : null}
          </div>
          {actions ? <div className={styles.actions}>{actions}</div> : null}
        </div>
      ) : null}
      <div className={styles.body}>{children}</div>
    </section>
  );
}

/** Names and values, as a definition list. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>;
}

/** One of them; a fact without a value is left out. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === '') return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
