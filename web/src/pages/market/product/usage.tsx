import type { CatalogVersion, SampleFile, Version } from '../../../api/types.ts';
import { MarkdownView } from '../../../components/markdown.tsx';
import { Fact, Facts } from '../../../components/panel.tsx';
import styles from './product.module.css';
import { Side } from './side.tsx';

/** What goes in, what comes out, as the publisher describes it. */
export function UsageDescription({
  details,
  sampleUrl,
}: {
  details: Version;
  sampleUrl: (file: SampleFile) => string;
}) {
  const { input, output } = details;
  return (
    <div className="stack" style={{ '--gap': '20px' }}>
      {details.usageInstructions ? <MarkdownView text={details.usageInstructions} /> : null}
      <Side title="Input" side={input} sampleUrl={sampleUrl} />
      <Side title="Output" side={output} sampleUrl={sampleUrl} />
      <Recommended details={details} />
      <Links details={details} />
    </div>
  );
}

function Recommended({ details }: { details: Version }) {
  const { realtime, batch } = details.recommendedInstanceTypes ?? {};
  if (!realtime && !batch) return null;
  return (
    <Facts>
      <Fact name="Recommended for calls">{realtime}</Fact>
      <Fact name="Recommended for batch">{batch}</Fact>
    </Facts>
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
