import { DownloadIcon } from '@radix-ui/react-icons';
import type { SampleFile, Version } from '../../../api/types.ts';
import { CodeBlock, reachable } from '../../../components/code.tsx';
import { MarkdownView } from '../../../components/markdown.tsx';
import { Badge } from '../../../components/status-badge.tsx';
import { formatBytes } from '../../../format/format.ts';
import styles from './product.module.css';
import own from './side.module.css';

type InputSide = NonNullable<Version['input']>;
type Parameter = NonNullable<InputSide['parameters']>[number];
type Samples = NonNullable<InputSide['samples']>;

interface Props {
  readonly title: 'Input' | 'Output';
  readonly side: Partial<InputSide> | undefined;
  /** Where a sample file is saved from: buyers and publishers have different doors. */
  readonly sampleUrl: (file: SampleFile) => string;
}

/** One side of a call in words, tables and samples, as the publisher describes it. */
export function Side({ title, side, sampleUrl }: Props) {
  if (!side) return null;
  const { parameters = [], customAttributes = [], samples, formats = [] } = side;
  const word = title.toLowerCase();
  return (
    <section className="stack" aria-label={title}>
      <h3>{title}</h3>
      {side.description ? <MarkdownView text={side.description} /> : null}
      {side.limitations ? (
        <section className={own.limits} aria-label={`Limitations of the ${word}`}>
          <h4>Limitations</h4>
          <MarkdownView text={side.limitations} />
        </section>
      ) : null}
      <ParameterTable
        label={`${title} parameters`}
        parameters={parameters}
        must={title === 'Input' ? 'required' : 'always'}
      />
      {customAttributes.length > 0 ? (
        <>
          <h4>Invocation parameters</h4>
          <p className="small muted">
            Sent with a call in the header <code>X-Amzn-SageMaker-Custom-Attributes</code>.
          </p>
          <ParameterTable label="Invocation parameters" parameters={customAttributes} must="required" />
        </>
      ) : null}
      <SamplesView word={word} samples={samples} sampleUrl={sampleUrl} />
      {formats.map((format) => (
        <section key={format.contentType} className="stack" aria-label={`${title} as ${format.contentType}`}>
          <h4>
            Also as <span className="mono">{format.contentType}</span>
          </h4>
          {format.description ? <MarkdownView text={format.description} /> : null}
          <SamplesView word={word} samples={format} sampleUrl={sampleUrl} named />
        </section>
      ))}
    </section>
  );
}

interface TableProps {
  readonly label: string;
  readonly parameters: readonly Parameter[];
  readonly must: 'required' | 'always';
}

function ParameterTable({ label, parameters, must }: TableProps) {
  const shown = parameters.filter((p) => p.name);
  if (shown.length === 0) return null;
  return (
    <section className={own.scroll} aria-label={label} {...reachable}>
      <table className={styles.parameters} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Description</th>
            <th scope="col">Constraints</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((parameter) => (
            <tr key={parameter.name}>
              <td>
                <span className="mono">{parameter.name}</span>
                {parameter.required ? <span className="tiny faint"> {must}</span> : null}
              </td>
              <td>{parameter.description}</td>
              <td className="muted">{parameter.constraints}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface SamplesProps {
  readonly word: string;
  readonly samples: Samples | undefined;
  readonly sampleUrl: (file: SampleFile) => string;
  /** The content type stands above already. */
  readonly named?: boolean;
}

function SamplesView({ word, samples, sampleUrl, named }: SamplesProps) {
  if (!samples) return null;
  const { realtime, batch, realtimeFile, batchFile, contentType } = samples;
  // Beside the first samples stand others with the same words.
  const what = named && contentType ? `${word} in ${contentType}` : word;
  const files = [
    ['One call', realtimeFile],
    ['A batch', batchFile],
  ] as const;
  return (
    <>
      {contentType && !named && (realtime || batch || realtimeFile || batchFile) ? (
        <p className="small muted">
          Samples in <Badge tone="neutral">{contentType}</Badge>
        </p>
      ) : null}
      {realtime || batch ? (
        <div className={styles.pair}>
          {realtime ? <CodeBlock title={`Sample ${what}, one call`} code={realtime} wrap capped /> : null}
          {batch ? <CodeBlock title={`Sample ${what}, batch`} code={batch} wrap capped /> : null}
        </div>
      ) : null}
      {realtimeFile || batchFile ? (
        <ul className={own.files}>
          {files.map(([use, file]) =>
            file ? (
              <li key={use}>
                <a href={sampleUrl(file)} download={file.fileName} className={own.file}>
                  <DownloadIcon aria-hidden="true" />
                  <span className="break">{file.fileName}</span>
                </a>
                <span className="small faint">
                  {use} · {formatBytes(file.sizeBytes)}
                </span>
              </li>
            ) : null,
          )}
        </ul>
      ) : null}
    </>
  );
}
