import type { CatalogVersion, Version } from '../../../api/types.ts';
import { CodeBlock } from '../../../components/code.tsx';
import { MarkdownView } from '../../../components/markdown.tsx';
import { Fact, Facts } from '../../../components/panel.tsx';
import styles from './product.module.css';

/** What goes in, what comes out, as the publisher describes it. */
export function UsageDescription({ details }: { details: Version }) {
  const { input, output } = details;
  return (
    <div className="stack" style={{ '--gap': '20px' }}>
      {details.usageInstructions ? <MarkdownView text={details.usageInstructions} /> : null}
      <Side title="Input" side={input} limitations={input?.limitations} />
      <Side title="Output" side={output} />
      <Links details={details} />
    </div>
  );
}

interface SideProps {
  readonly title: 'Input' | 'Output';
  readonly side: Version['input'] | Version['output'];
  readonly limitations?: string | undefined;
}

function Side({ title, side, limitations }: SideProps) {
  if (!side) return null;
  const { parameters = [], samples } = side;
  return (
    <section className="stack" aria-label={title}>
      <h3>{title}</h3>
      {side.description ? <MarkdownView text={side.description} /> : null}
      {limitations ? (
        <p className="muted">
          <strong>Limitations.</strong> {limitations}
        </p>
      ) : null}
      {parameters.length > 0 ? (
        <table className={styles.parameters} aria-label={`${title} parameters`}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Description</th>
              <th scope="col">Constraints</th>
            </tr>
          </thead>
          <tbody>
            {parameters.map((parameter) => (
              <tr key={parameter.name}>
                <td>
                  <span className="mono">{parameter.name}</span>
                  {parameter.required ? <span className="tiny faint"> required</span> : null}
                </td>
                <td>{parameter.description}</td>
                <td className="muted">{parameter.constraints}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      <div className={styles.pair}>
        {samples?.realtime ? (
          <CodeBlock title={`Sample ${title.toLowerCase()}, one call`} code={samples.realtime} wrap capped />
        ) : null}
        {samples?.batch ? (
          <CodeBlock title={`Sample ${title.toLowerCase()}, batch`} code={samples.batch} wrap capped />
        ) : null}
      </div>
    </section>
  );
}

function Links({ details }: { details: Version }) {
  const links = [
    ['Notebook', details.notebookUrl],
    ['Repository', details.repositoryUrl],
  ] as const;
  const given = links.filter(([, url]) => url && /^https?:\/\//.test(url));
  if (given.length === 0) return null;
  return (
    <Facts>
      {given.map(([name, url]) => (
        <Fact key={name} name={name}>
          <a href={url} target="_blank" rel="noopener noreferrer nofollow">
            {url}
          </a>
        </Fact>
      ))}
    </Facts>
  );
}

/** What the model itself declares, read from the file. */
export function TensorTable({ onnx }: { onnx: NonNullable<CatalogVersion['onnx']> }) {
  const rows = [
    ...onnx.inputs.map((t) => ({ ...t, side: 'Input' })),
    ...onnx.outputs.map((t) => ({ ...t, side: 'Output' })),
  ];
  return (
    <table className={styles.parameters} aria-label="Tensors">
      <thead>
        <tr>
          <th scope="col">Tensor</th>
          <th scope="col">Side</th>
          <th scope="col">Type</th>
          <th scope="col">Shape</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.side + row.name}>
            <td className="mono">{row.name}</td>
            <td>{row.side}</td>
            <td className="mono">{row.type}</td>
            <td className="mono">{row.shape ? `[${row.shape.map((d) => d ?? '?').join(', ')}]` : 'any'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
