import type { ReactNode } from 'react';
import styles from './tip.module.css';

interface Props {
  readonly label: string;
  /** `end` keeps it inside the page for what stands at the right edge. */
  readonly side?: 'middle' | 'end';
  readonly children: ReactNode;
}

/**
 * A word on hover and on focus, in CSS alone: a positioning library would be a tenth of the first load. It only repeats what
 * the element already says to screen readers, so it is hidden from them.
 */
export function WithTip({ label, side = 'middle', children }: Props) {
  return (
    <span className={styles.anchor} data-tip={label} data-side={side}>
      {children}
    </span>
  );
}
