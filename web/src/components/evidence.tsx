import type { Evidence } from '../api/types.ts';
import { formatBytes, formatCount, formatDuration } from '../format/format.ts';
import { CopyableId } from './copy.tsx';
import styles from './timeline.module.css';

export function EvidenceGrid({ evidence }: { evidence: readonly Evidence[] }) {
  if (evidence.length === 0) return null;
  return (
    <dl className={styles.evidence}>
      {evidence.map((fact) => (
        <div key={fact.name} className={styles.fact}>
          <dt>{fact.name}</dt>
          <dd>
            <EvidenceValue fact={fact} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function EvidenceValue({ fact: { name, value, unit } }: { fact: Evidence }) {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') {
    if (unit === 'ms') return formatDuration(value);
    if (unit === 'bytes' || unit === 'B') return formatBytes(value);
    return `${formatCount(value)}${unit ? ` ${unit}` : ''}`;
  }
  if (/^[0-9a-f]{64}$/.test(value)) return <CopyableId id={value} what={name} short />;
  return `${value}${unit ? ` ${unit}` : ''}`;
}
