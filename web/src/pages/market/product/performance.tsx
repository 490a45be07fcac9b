import type { MeasuredLatency } from '../../../api/types.ts';
import { LatencyChart } from '../../../charts/latency-chart.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatCount, formatDuration } from '../../../format/format.ts';
import styles from './product.module.css';

export function Performance({ measured }: { measured: readonly MeasuredLatency[] }) {
  if (measured.length === 0) return <p className="muted">This version was not measured.</p>;
  return (
    <div className="stack" style={{ '--gap': '24px' }}>
      {measured.map((m) => (
        <div key={m.instanceType} className="stack">
          <dl className={styles.numbers}>
            <Figure name="p50" value={formatDuration(m.p50Ms)} />
            <Figure name="p99" value={formatDuration(m.p99Ms)} />
            <Figure name="Calls per second" value={formatCount(Math.round(m.callsPerSecond))} />
            <Figure name="Instance type" value={m.instanceType} />
          </dl>
          <LatencyChart measured={m} />
          <p className="tiny faint">
            Measured by this marketplace <RelativeTime at={m.measuredAt} />, with the sample input, one caller
            at a time for latency.
          </p>
        </div>
      ))}
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className={styles.number}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
