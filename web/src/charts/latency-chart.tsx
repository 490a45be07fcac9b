import { useElementSize } from '@mantine/hooks';
import type { MeasuredLatency } from '../api/types.ts';
import { reachable } from '../components/code.tsx';
import { formatCount, formatDuration } from '../format/format.ts';
import styles from './chart.module.css';
import { ChartFrame } from './chart-frame.tsx';

const height = 132;
const margin = { top: 20, right: 8, bottom: 22, left: 8 };

/** How the measured calls spread: each bar is one class of the trial run's histogram, the dashed lines are p50 and p99. */
export function LatencyChart({ measured }: { measured: MeasuredLatency }) {
  const { ref, width } = useElementSize();
  const bins = trimmed(measured.histogram);
  const innerWidth = Math.max(0, width - margin.left - margin.right);
  const innerHeight = height - margin.top - margin.bottom;
  const slot = innerWidth / Math.max(1, bins.length);
  const most = Math.max(1, ...bins.map((b) => b.count));
  const labelEvery = Math.max(1, Math.ceil(bins.length / Math.max(1, Math.floor(innerWidth / 72))));
  const position = (ms: number) => margin.left + slot * placeInBins(bins, ms);
  const p50 = position(measured.p50Ms);
  const p99 = position(measured.p99Ms);
  return (
    <ChartFrame
      legend={[]}
      summary={
        <>
          {formatCount(measured.calls)} calls on {measured.instanceType}
        </>
      }
      table={<LatencyTable measured={measured} />}
    >
      <div className={styles.plot} ref={ref} style={{ height }}>
        <svg
          viewBox={`0 0 ${Math.max(1, width)} ${height}`}
          height={height}
          role="img"
          aria-label={`Latency of ${formatCount(measured.calls)} calls on ${measured.instanceType}: half within ${formatDuration(measured.p50Ms)}, 99 in 100 within ${formatDuration(measured.p99Ms)}`}
        >
          <line
            className={styles.grid}
            x1={margin.left}
            x2={width - margin.right}
            y1={height - margin.bottom}
            y2={height - margin.bottom}
          />
          {bins.map((bin, i) => {
            const barHeight = bin.count === 0 ? 0 : Math.max(1.5, (bin.count / most) * innerHeight);
            return (
              <rect
                key={bin.upToMs}
                x={margin.left + i * slot + 1}
                y={height - margin.bottom - barHeight}
                width={Math.max(1, slot - 2)}
                height={barHeight}
                rx={1.5}
                fill="var(--chart-1)"
              >
                <title>{`up to ${formatDuration(bin.upToMs)}: ${formatCount(bin.count)} calls`}</title>
              </rect>
            );
          })}
          {bins.map((bin, i) =>
            i % labelEvery === labelEvery - 1 || bins.length === 1 ? (
              <text
                key={bin.upToMs}
                className={styles.axis}
                x={margin.left + (i + 1) * slot}
                y={height - 6}
                textAnchor={i === bins.length - 1 ? 'end' : 'middle'}
              >
                {formatDuration(bin.upToMs)}
              </text>
            ) : null,
          )}
          <Marker x={p50} text="p50" anchor={p50 > width - 48 ? 'end' : 'start'} />
          {/* Where both fall together one label says it; the figures stand beside the chart. */}
          {p99 - p50 > 28 ? <Marker x={p99} text="p99" anchor={p99 > width - 48 ? 'end' : 'start'} /> : null}
        </svg>
      </div>
    </ChartFrame>
  );
}

function Marker({ x, text, anchor }: { x: number; text: string; anchor: 'start' | 'end' }) {
  return (
    <g>
      <line className={styles.marker} x1={x} x2={x} y1={4} y2={height - margin.bottom} />
      <text className={styles.markerText} x={x + (anchor === 'start' ? 4 : -4)} y={12} textAnchor={anchor}>
        {text}
      </text>
    </g>
  );
}

function LatencyTable({ measured }: { measured: MeasuredLatency }) {
  return (
    <section className={styles.scroll} aria-label="Latency as a table" {...reachable}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Up to</th>
            <th scope="col">Calls</th>
          </tr>
        </thead>
        <tbody>
          {measured.histogram
            .filter((bin) => bin.count > 0)
            .map((bin) => (
              <tr key={bin.upToMs}>
                <td>{formatDuration(bin.upToMs)}</td>
                <td>{formatCount(bin.count)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}

type Bin = MeasuredLatency['histogram'][number];

/** Without the empty classes at both ends. */
function trimmed(bins: readonly Bin[]): Bin[] {
  const first = bins.findIndex((b) => b.count > 0);
  if (first < 0) return [...bins];
  const last = bins.findLastIndex((b) => b.count > 0);
  return bins.slice(Math.max(0, first - 1), last + 2);
}

/** How many bars from the left a duration lies: classes are not equally wide. */
function placeInBins(bins: readonly Bin[], ms: number): number {
  const at = bins.findIndex((b) => ms <= b.upToMs);
  if (at < 0) return bins.length;
  const from = bins[at - 1]?.upToMs ?? 0;
  const to = bins[at]?.upToMs ?? from;
  return at + (to > from ? Math.max(0, Math.min(1, (ms - from) / (to - from))) : 0.5);
}
