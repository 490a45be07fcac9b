import type { ReactNode } from 'react';
import type { Algorithm } from '../api/types.ts';
import styles from '../pages/market/product/product.module.css';
import own from './training-tables.module.css';

type Specification = Algorithm['trainingSpecification'];
type Trial = NonNullable<Algorithm['trial']>;

/** Channels, hyperparameters and metrics, as the algorithm itself was registered: nobody types them a second time. */
export function TrainingTables({
  specification,
  trial,
}: {
  specification: Specification;
  trial: Trial | null;
}) {
  return (
    <div className="stack" style={{ '--gap': '20px' }}>
      <div className="stack">
        <h3>Channels</h3>
        <Scrolled label="Channels">
          <table className={styles.parameters} aria-label="Channels">
            <thead>
              <tr>
                <th scope="col">Channel</th>
                <th scope="col">Needed</th>
                <th scope="col">Takes</th>
                <th scope="col">Modes</th>
                <th scope="col">What it holds</th>
              </tr>
            </thead>
            <tbody>
              {specification.trainingChannels.map((c) => (
                <tr key={c.name}>
                  <td className="mono">{c.name}</td>
                  <td>{c.isRequired ? 'Yes' : 'No'}</td>
                  <td className="mono">{c.supportedContentTypes.join(', ')}</td>
                  <td>{c.supportedInputModes.join(', ')}</td>
                  <td>{c.description}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolled>
      </div>
      <Hyperparameters list={specification.supportedHyperParameters ?? []} />
      <Metrics specification={specification} trial={trial} />
    </div>
  );
}

function Hyperparameters({ list }: { list: NonNullable<Specification['supportedHyperParameters']> }) {
  if (list.length === 0) return null;
  return (
    <div className="stack">
      <h3>Hyperparameters</h3>
      <Scrolled label="Hyperparameters">
        <table className={styles.parameters} aria-label="Hyperparameters">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Type</th>
              <th scope="col">Values</th>
              <th scope="col">Default</th>
              <th scope="col">Tunable</th>
              <th scope="col">What it does</th>
            </tr>
          </thead>
          <tbody>
            {list.map((h) => (
              <tr key={h.name}>
                <td className="mono">{h.name}</td>
                <td>{h.type}</td>
                <td>{rangeWords(h.range)}</td>
                <td className="mono">{h.defaultValue ?? (h.isRequired ? 'needed' : 'none')}</td>
                <td>{h.isTunable ? 'Yes' : 'No'}</td>
                <td>{h.description}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
    </div>
  );
}

function rangeWords(range: NonNullable<Specification['supportedHyperParameters']>[number]['range']): string {
  if (!range) return 'any';
  if (range.values) return range.values.join(', ');
  return `${range.min ?? 'any'} to ${range.max ?? 'any'}`;
}

function Metrics({ specification, trial }: { specification: Specification; trial: Trial | null }) {
  const { metricDefinitions = [], supportedTuningJobObjectiveMetrics = [] } = specification;
  if (metricDefinitions.length === 0) return null;
  return (
    <div className="stack">
      <h3>Metrics</h3>
      <Scrolled label="Metrics">
        <table className={styles.parameters} aria-label="Metrics">
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col">Objective</th>
              <th scope="col">In the sample training</th>
              <th scope="col">First</th>
              <th scope="col">Last</th>
            </tr>
          </thead>
          <tbody>
            {metricDefinitions.map(({ name }) => {
              const measured = trial?.metrics.find((m) => m.name === name);
              const objective = supportedTuningJobObjectiveMetrics.find((o) => o.metricName === name);
              return (
                <tr key={name}>
                  <td className="mono">{name}</td>
                  <td>{objective?.type ?? ''}</td>
                  <td>{measured ? <Curve name={name} series={measured.series} /> : 'not trained yet'}</td>
                  <td className="mono">{measured?.first}</td>
                  <td className="mono">{measured?.last}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scrolled>
    </div>
  );
}

const [width, height] = [140, 28];

/** The course of a metric; its figures stand beside it. */
function Curve({ name, series }: { name: string; series: readonly number[] }) {
  const [low, high] = [Math.min(...series), Math.max(...series)];
  const x = (i: number) => (series.length < 2 ? width / 2 : (i / (series.length - 1)) * (width - 4) + 2);
  const y = (v: number) =>
    high === low ? height / 2 : height - 2 - ((v - low) / (high - low)) * (height - 4);
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={`Course of ${name}: from ${series[0]} to ${series.at(-1)}`}
    >
      <polyline
        points={series.map((v, i) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`).join(' ')}
        fill="none"
        stroke="var(--mantine-primary-color-filled)"
        strokeWidth={1.5}
      />
    </svg>
  );
}

/** Wide tables scroll in their own frame, reachable by keyboard; the page itself never scrolls sideways. */
const reachable = { tabIndex: 0 };
function Scrolled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section className={own.wide} aria-label={label} {...reachable}>
      {children}
    </section>
  );
}
