import { useElementSize } from '@mantine/hooks';
import type { EndpointTraffic } from '../api/types.ts';
import { reachable } from '../components/code.tsx';
import { formatClock, formatCompact, formatCount, formatDuration } from '../format/format.ts';
import styles from './chart.module.css';
import { ChartFrame } from './chart-frame.tsx';
import { ticks } from './scale.ts';

const height = 140;
const margin = { top: 10, right: 8, bottom: 22, left: 44 };
type Minute = EndpointTraffic['minutes'][number];

interface Props {
  readonly minutes: readonly Minute[];
  readonly show: 'calls' | 'latency';
}

/** Calls of an endpoint, or how long they took, minute by minute. */
export function TrafficChart({ minutes, show }: Props) {
  const { ref, width } = useElementSize();
  const innerWidth = Math.max(0, width - margin.left - margin.right);
  const innerHeight = height - margin.top - margin.bottom;
  const most = Math.max(0, ...minutes.map((m) => (show === 'calls' ? m.calls : (m.p99Ms ?? 0))));
  const steps = ticks(most, 3, show === 'calls');
  const top = steps.at(-1) ?? 1;
  const slot = innerWidth / Math.max(1, minutes.length);
  const y = (value: number) => margin.top + innerHeight * (1 - value / top);
  const labels = Math.max(1, Math.ceil(minutes.length / Math.max(1, Math.floor(innerWidth / 70))));
  const total = minutes.reduce((n, m) => n + m.calls, 0);
  const errors = minutes.reduce((n, m) => n + m.clientErrors + m.serverErrors, 0);
  return (
    <ChartFrame
      legend={
        show === 'calls'
          ? [
              { name: 'answered', color: 'var(--chart-1)' },
              { name: 'errors', color: 'var(--chart-2)' },
            ]
          : [
              { name: 'p50', color: 'var(--chart-1)' },
              { name: 'p99', color: 'var(--chart-2)' },
            ]
      }
      summary={
        show === 'calls'
          ? `${formatCount(total)} calls, ${formatCount(errors)} errors in ${minutes.length} minutes`
          : 'How long they took: half of them, and 99 in 100'
      }
      table={<TrafficTable minutes={minutes} />}
    >
      <div className={styles.plot} ref={ref} style={{ height }}>
        <svg
          viewBox={`0 0 ${Math.max(1, width)} ${height}`}
          height={height}
          role="img"
          aria-label={
            show === 'calls'
              ? `Calls by minute: ${formatCount(total)}, of which ${formatCount(errors)} errors`
              : 'Duration of calls by minute, half and 99 in 100'
          }
        >
          {steps.map((step) => (
            <g key={step}>
              <line
                className={styles.grid}
                x1={margin.left}
                x2={width - margin.right}
                y1={y(step)}
                y2={y(step)}
              />
              <text className={styles.axis} x={margin.left - 6} y={y(step) + 4} textAnchor="end">
                {show === 'calls' ? formatCompact(step) : formatDuration(step)}
              </text>
            </g>
          ))}
          {minutes.map((m, i) => {
            const x = margin.left + i * slot;
            const errorsHere = m.clientErrors + m.serverErrors;
            return (
              <g key={m.at}>
                {show === 'calls' ? (
                  <>
                    <Bar x={x} slot={slot} from={y(0)} to={y(m.calls)} fill="var(--chart-1)" />
                    <Bar x={x} slot={slot} from={y(0)} to={y(errorsHere)} fill="var(--chart-2)" />
                  </>
                ) : m.p99Ms !== null && m.p50Ms !== null ? (
                  <>
                    <circle cx={x + slot / 2} cy={y(m.p99Ms)} r={2} fill="var(--chart-2)" />
                    <circle cx={x + slot / 2} cy={y(m.p50Ms)} r={2} fill="var(--chart-1)" />
                  </>
                ) : null}
                {i % labels === 0 && innerWidth - i * slot > 36 ? (
                  <text className={styles.axis} x={x} y={height - 6}>
                    {formatClock(m.at).slice(0, 5)}
                  </text>
                ) : null}
              </g>
            );
          })}
        </svg>
      </div>
    </ChartFrame>
  );
}

function Bar({
  x,
  slot,
  from,
  to,
  fill,
}: {
  x: number;
  slot: number;
  from: number;
  to: number;
  fill: string;
}) {
  if (to >= from) return null;
  return (
    <rect x={x + 0.5} y={to} width={Math.max(1, slot - 1)} height={Math.max(1, from - to)} fill={fill} />
  );
}

function TrafficTable({ minutes }: { minutes: readonly Minute[] }) {
  return (
    <section className={styles.scroll} aria-label="Calls by minute as a table" {...reachable}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Minute</th>
            <th scope="col">Calls</th>
            <th scope="col">Errors</th>
            <th scope="col">p50</th>
            <th scope="col">p99</th>
          </tr>
        </thead>
        <tbody>
          {minutes
            .filter((m) => m.calls > 0)
            .map((m) => (
              <tr key={m.at}>
                <td>{formatClock(m.at)}</td>
                <td>{formatCount(m.calls)}</td>
                <td>{formatCount(m.clientErrors + m.serverErrors)}</td>
                <td>{m.p50Ms === null ? '' : formatDuration(m.p50Ms)}</td>
                <td>{m.p99Ms === null ? '' : formatDuration(m.p99Ms)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
