import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import styles from './chart.module.css';

interface Props {
  readonly legend: readonly { readonly name: string; readonly color: string }[];
  readonly summary: ReactNode;
  readonly table: ReactNode;
  readonly children: ReactNode;
}

/** Every chart has its table: for those who do not see the picture, and for those who want the figures. */
export function ChartFrame({ legend, summary, table, children }: Props) {
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.head}>
        <span className={styles.legend}>
          {summary}
          {legend.map((key) => (
            <span key={key.name} className={styles.key}>
              <span className={styles.swatch} style={{ '--color': key.color }} />
              {key.name}
            </span>
          ))}
        </span>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Show chart' : 'Show table'}
        </Button>
      </figcaption>
      {asTable ? table : children}
    </figure>
  );
}
