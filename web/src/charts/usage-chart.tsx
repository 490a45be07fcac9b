import { useElementSize } from '@mantine/hooks';
import { instanceOf } from '@souk/contract/instance-hours';
import { useMemo, useState } from 'react';
import type { Usage } from '../api/types.ts';
import { reachable } from '../components/code.tsx';
import {
  formatAbsolute,
  formatCompact,
  formatCount,
  formatDate,
  formatDayMonth,
  formatHour,
} from '../format/format.ts';
import styles from './chart.module.css';
import { ChartFrame } from './chart-frame.tsx';
import { ticks } from './scale.ts';

export interface Bucket {
  readonly at: string;
  readonly answered: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
}

const height = 200;
const margin = { top: 12, right: 8, bottom: 24, left: 44 };
const series = [
  { key: 'answered', name: 'Answered', color: 'var(--chart-1)' },
  { key: 'clientErrors', name: 'Refused (4xx)', color: 'var(--chart-3)' },
  { key: 'serverErrors', name: 'Failed (5xx)', color: 'var(--chart-2)' },
] as const;

/** Calls over time. Errors are drawn on top of the calls that were answered, because they are never billed. */
export function UsageChart({ usage }: { usage: Usage }) {
  const buckets = useMemo(() => fillBuckets(usage), [usage]);
  const { ref, width } = useElementSize();
  const [hovered, setHovered] = useState<number | null>(null);
  const shown = series.filter((s) => s.key === 'answered' || buckets.some((b) => b[s.key] > 0));
  // Over several days the hours of the day repeat; the days are what one looks for.
  const byDay = usage.bucket === 'day' || buckets.length > 48;
  const label = byDay ? formatDayMonth : formatHour;
  const axis = ticks(Math.max(...buckets.map(total), 0), 4);
  const top = axis.at(-1) ?? 1;
  const innerWidth = Math.max(0, width - margin.left - margin.right);
  const innerHeight = height - margin.top - margin.bottom;
  const slot = innerWidth / Math.max(1, buckets.length);
  const y = (value: number) => margin.top + innerHeight * (1 - value / top);
  const labelEvery = Math.max(1, Math.ceil(buckets.length / Math.max(1, Math.floor(innerWidth / 64))));
  const labelled = (bucket: Bucket, i: number) =>
    byDay && usage.bucket === 'hour' ? new Date(bucket.at).getHours() === 0 : i % labelEvery === 0;
  const hoveredBucket = hovered === null ? undefined : buckets[hovered];

  return (
    <ChartFrame legend={shown} summary={null} table={<UsageTable buckets={buckets} usage={usage} />}>
      <div className={styles.plot} ref={ref} style={{ height }}>
        <svg
          viewBox={`0 0 ${Math.max(1, width)} ${height}`}
          height={height}
          role="img"
          aria-label={`${formatCount(usage.total)} calls answered between ${formatDate(usage.from)} and ${formatDate(usage.to)}, by ${usage.bucket}`}
          onPointerLeave={() => setHovered(null)}
          onPointerMove={(event) => {
            const x = event.clientX - event.currentTarget.getBoundingClientRect().left - margin.left;
            const at = Math.floor(x / slot);
            setHovered(at >= 0 && at < buckets.length ? at : null);
          }}
        >
          {axis.map((value) => (
            <g key={value}>
              <line
                className={styles.grid}
                x1={margin.left}
                x2={width - margin.right}
                y1={y(value)}
                y2={y(value)}
              />
              <text className={styles.axis} x={margin.left - 8} y={y(value) + 4} textAnchor="end">
                {formatCompact(value)}
              </text>
            </g>
          ))}
          {hovered === null ? null : (
            <rect
              className={styles.hover}
              x={margin.left + hovered * slot}
              y={margin.top}
              width={slot}
              height={innerHeight}
            />
          )}
          {buckets.map((bucket, i) => (
            <Bar
              key={bucket.at}
              bucket={bucket}
              x={margin.left + i * slot + Math.min(slot * 0.18, 6)}
              width={Math.max(1, slot - 2 * Math.min(slot * 0.18, 6))}
              y={y}
            />
          ))}
          {buckets.map((bucket, i) =>
            labelled(bucket, i) ? (
              <text
                key={bucket.at}
                className={styles.axis}
                x={margin.left + (i + 0.5) * slot}
                y={height - 6}
                textAnchor="middle"
              >
                {label(bucket.at)}
              </text>
            ) : null,
          )}
        </svg>
        {hoveredBucket && hovered !== null ? (
          <div
            className={styles.tip}
            style={{
              left: Math.min(Math.max(margin.left + (hovered + 0.5) * slot, 90), Math.max(90, width - 90)),
            }}
          >
            <strong>
              {usage.bucket === 'hour' ? formatAbsolute(hoveredBucket.at) : formatDate(hoveredBucket.at)}
            </strong>
            {shown.map((s) => (
              <div key={s.key} className="row-nowrap spread">
                <span>{s.name}</span>
                <span>{formatCount(hoveredBucket[s.key])}</span>
              </div>
            ))}
          </div>
        ) : null}
      </div>
    </ChartFrame>
  );
}

function Bar({
  bucket,
  x,
  width,
  y,
}: {
  bucket: Bucket;
  x: number;
  width: number;
  y: (v: number) => number;
}) {
  let below = 0;
  return series.map((s) => {
    const value = bucket[s.key];
    if (value === 0) return null;
    const bottom = y(below);
    below += value;
    // A single call among thousands is still visible.
    const barHeight = Math.max(1.5, bottom - y(below));
    return (
      <rect
        key={s.key}
        x={x}
        y={bottom - barHeight}
        width={width}
        height={barHeight}
        rx={1.5}
        fill={s.color}
      />
    );
  });
}

function UsageTable({ buckets, usage }: { buckets: readonly Bucket[]; usage: Usage }) {
  return (
    <section className={styles.scroll} aria-label="Usage as a table" {...reachable}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{usage.bucket === 'hour' ? 'Hour' : 'Day'}</th>
            {series.map((s) => (
              <th key={s.key} scope="col">
                {s.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {buckets
            .filter((b) => total(b) > 0)
            .map((b) => (
              <tr key={b.at}>
                <td>{usage.bucket === 'hour' ? formatAbsolute(b.at) : formatDate(b.at)}</td>
                {series.map((s) => (
                  <td key={s.key}>{formatCount(b[s.key])}</td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}

const total = (b: Bucket) => b.answered + b.clientErrors + b.serverErrors;

/** The server answers the hours in which something happened; the picture needs the quiet ones too. */
export function fillBuckets(usage: Pick<Usage, 'from' | 'to' | 'bucket' | 'rows'>): Bucket[] {
  const stepMs = usage.bucket === 'hour' ? 3_600_000 : 86_400_000;
  const startMs = Math.floor(Date.parse(usage.from) / stepMs) * stepMs;
  const endMs = Date.parse(usage.to);
  const count = Math.min(400, Math.max(1, Math.ceil((endMs - startMs) / stepMs)));
  const buckets = Array.from({ length: count }, (_, i) => ({
    at: new Date(startMs + i * stepMs).toISOString(),
    answered: 0,
    clientErrors: 0,
    serverErrors: 0,
  }));
  for (const row of usage.rows) {
    const bucket = buckets[Math.floor((Date.parse(row.hour) - startMs) / stepMs)];
    if (!bucket) continue;
    // Hours of instances have another scale; they have a list of their own.
    if (instanceOf(row.dimension)) continue;
    bucket.answered += row.quantity;
    bucket.clientErrors += row.clientErrors;
    bucket.serverErrors += row.serverErrors;
  }
  return buckets;
}
