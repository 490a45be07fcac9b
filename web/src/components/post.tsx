import type { ReactNode } from 'react';
import styles from './post.module.css';
import { RelativeTime } from './time.tsx';

interface Props {
  readonly title?: ReactNode;
  readonly by: ReactNode;
  readonly at: string;
  readonly edited?: string | null | undefined;
  readonly text: string;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}

/** What somebody wrote, as plain text. */
export function Post({ title, by, at, edited, text, actions, children }: Props) {
  return (
    <article className={styles.post}>
      {title ? <div className="row">{title}</div> : null}
      <p className="small muted break">
        {by} · <RelativeTime at={at} />
        {edited ? (
          <>
            , edited <RelativeTime at={edited} />
          </>
        ) : null}
      </p>
      <p className={styles.text}>{text}</p>
      {actions ? (
        <div className="row" style={{ marginTop: 8 }}>
          {actions}
        </div>
      ) : null}
      {children ? <div className={styles.reply}>{children}</div> : null}
    </article>
  );
}
