import { Button } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import styles from './folded.module.css';

/** Long text shows its beginning; what is just a little longer than the fold is shown whole. */
export function Folded({ heightPx, children }: { heightPx: number; children: ReactNode }) {
  const { ref, height } = useElementSize();
  const [open, setOpen] = useState(false);
  const measured = height > 0;
  const long = height > heightPx * 1.25;
  // Folded until it is measured, or what stands below would jump up afterwards.
  const folded = !measured || (long && !open);
  return (
    <div>
      <div
        className={folded ? styles.folded : undefined}
        data-long={long || undefined}
        style={{ '--height': `${heightPx}px` }}
      >
        <div ref={ref}>{children}</div>
      </div>
      {long ? (
        <Button
          className={styles.more}
          size="compact-sm"
          variant="subtle"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? 'Show less' : 'Show all'}
        </Button>
      ) : null}
    </div>
  );
}
