import { useElementSize } from '@mantine/hooks';
import { reachable } from '../components/code.tsx';
import styles from './chart.module.css';
import { ChartFrame } from './chart-frame.tsx';

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Drawn apart from the others: the best. */
  readonly marked?: boolean;
}

interface Props {
  readonly name: string;
  readonly points: readonly Point[];
  readonly xName: string;
  /** A curve joins its points; trials stand for themselves. */
  readonly joined: boolean;
}

const height = 180;
const margin = { top: 12, right: 12, bottom: 24, left: 60 };
const tableMax = 200;
const number = (value: number) => Number(value.toPrecision(4)).toString();

/** Two values may be printed at the same moment: what tells them apart is their place. */
const numbered = (points: readonly Point[]) => points.map((p, number) => ({ ...p, number }));

/** Values over time or by number; the axes go from the least to the greatest, since a metric need not come near zero. */
export function PointsChart({ name, points, xName, joined }: Props) {
  const { ref, width } = useElementSize();
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const [y0, y1] = low === high ? [low - 1, high + 1] : [low, high];
  const inner = Math.max(0, width - margin.left - margin.right);
  const x = (value: number) => margin.left + (x1 === x0 ? inner / 2 : (inner * (value - x0)) / (x1 - x0));
  const y = (value: number) =>
    margin.top + (height - margin.top - margin.bottom) * (1 - (value - y0) / (y1 - y0));
  const axis = [0, 0.5, 1].map((share) => y0 + share * (y1 - y0));
  return (
    <ChartFrame
      legend={[]}
      summary={<strong className="break">{name}</strong>}
      table={<PointsTable name={name} points={points} xName={xName} />}
    >
      <div className={styles.plot} ref={ref} style={{ height }}>
        <svg
          viewBox={`0 0 ${Math.max(1, width)} ${height}`}
          height={height}
          role="img"
          aria-label={`${name}: ${points.length} values from ${number(low)} to ${number(high)}, the last ${number(points.at(-1)?.y ?? 0)}`}
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
                {number(value)}
              </text>
            </g>
          ))}
          <text className={styles.axis} x={margin.left} y={height - 6}>
            {number(x0)}
          </text>
          <text className={styles.axis} x={width - margin.right} y={height - 6} textAnchor="end">
            {xName === 's' ? `${number(x1)} s` : `${xName}: ${number(x1)}`}
          </text>
          {joined && points.length > 1 ? (
            <polyline
              points={points.map((p) => `${x(p.x)},${y(p.y)}`).join(' ')}
              fill="none"
              stroke="var(--chart-1)"
              strokeWidth={1.75}
            />
          ) : (
            numbered(points).map((p) => (
              <circle
                key={p.number}
                cx={x(p.x)}
                cy={y(p.y)}
                r={p.marked ? 6 : 3.5}
                fill={p.marked ? 'none' : 'var(--chart-1)'}
                stroke="var(--chart-1)"
                strokeWidth={p.marked ? 3 : 0}
              />
            ))
          )}
        </svg>
      </div>
    </ChartFrame>
  );
}

function PointsTable({ name, points, xName }: { name: string; points: readonly Point[]; xName: string }) {
  return (
    <section className={styles.scroll} aria-label={`${name} as a table`} {...reachable}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{xName}</th>
            <th scope="col">{name}</th>
          </tr>
        </thead>
        <tbody>
          {numbered(points)
            .slice(-tableMax)
            .map((p) => (
              <tr key={p.number}>
                <td>{number(p.x)}</td>
                <td>{p.y}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
