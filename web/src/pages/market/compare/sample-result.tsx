import type { components } from '../../../api/schema.gen.ts';
import { CodeBlock } from '../../../components/code.tsx';
import { Badge } from '../../../components/status-badge.tsx';
import { formatDuration } from '../../../format/format.ts';

type Sample = components['schemas']['ComparedSample'];
type Answer = components['schemas']['ComparedAnswer'];

const words = {
  same: ['good', 'Same'],
  different: ['warn', 'Different'],
  unknown: ['neutral', 'Not compared'],
} as const;

/** Both answers to one sample, and the places where they differ. */
export function SampleResult({ sample, from, to }: { sample: Sample; from: string; to: string }) {
  const [tone, word] = words[sample.outcome];
  return (
    <details open={sample.outcome === 'different' && sample.number <= 3}>
      <summary className="row" style={{ '--gap': '8px', cursor: 'pointer' }}>
        <strong>Sample {sample.number}</strong>
        <Badge tone={tone}>{word}</Badge>
        <span className="mono small faint break">
          {sample.encoding === 'text' ? sample.body.slice(0, 60) : 'bytes'}
        </span>
      </summary>
      <div className="stack" style={{ '--gap': '12px', marginTop: 12 }}>
        {sample.differences.length > 0 ? (
          <ul className="small" style={{ margin: 0, paddingLeft: 20 }}>
            {sample.differences.map((d) => (
              <li key={d.at} className="break">
                <span className="mono">{d.at}</span>: <del>{d.before ?? 'nothing'}</del> →{' '}
                <ins>{d.after ?? 'nothing'}</ins>
              </li>
            ))}
            {sample.moreDifferences > 0 ? <li>and {sample.moreDifferences} more</li> : null}
          </ul>
        ) : null}
        <div
          style={{
            display: 'grid',
            gap: 12,
            gridTemplateColumns: 'repeat(auto-fit, minmax(min(260px, 100%), 1fr))',
          }}
        >
          <Side name={from} answer={sample.before} />
          <Side name={to} answer={sample.after} />
        </div>
      </div>
    </details>
  );
}

function Side({ name, answer }: { name: string; answer: Answer | null }) {
  if (!answer) return <p className="small muted">{name} gave no answer.</p>;
  const how = answer.recorded ? 'recorded' : formatDuration(answer.durationMs);
  return (
    <CodeBlock
      title={`${name} · ${answer.status} · ${how}`}
      code={answer.encoding === 'text' ? answer.body : `${answer.body.length} characters of base64`}
      wrap
      capped
    />
  );
}
