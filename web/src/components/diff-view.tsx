import { Children, useMemo } from 'react';
import type { DocumentChange } from '../api/types.ts';
import styles from './diff.module.css';
import { diffWords, type Span } from './diff-words.ts';

const kindWords = { added: 'Added', removed: 'Removed', edited: 'Edited' };

interface Props {
  readonly changes: readonly DocumentChange[];
  /** Where the page has other parts of the same names: what this is the difference of. */
  readonly of?: string;
}

/** What one document changes in another, field by field. */
export function DiffView({ changes, of }: Props) {
  return (
    <div>
      {bySection(changes).map(([section, own]) => (
        <section key={section} aria-label={of ? `${of}: ${section}` : section}>
          <h3 className={styles.section}>{section}</h3>
          <ul className={styles.list}>
            {own.map((change) => (
              <li key={change.pointer + change.kind} className={styles.change}>
                <div className={styles.head}>
                  <span className={styles.kind} data-kind={change.kind}>
                    {kindWords[change.kind]}
                  </span>
                  <span className="break">
                    {change.place.split(' › ').slice(1).join(' › ') || change.place}
                  </span>
                  <span className="mono tiny muted break">{change.pointer}</span>
                </div>
                <Values change={change} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** In the order of the document; what belongs to a section stands together. */
function bySection(changes: readonly DocumentChange[]): [string, DocumentChange[]][] {
  const sections = new Map<string, DocumentChange[]>();
  for (const change of changes) {
    const [section = ''] = change.place.split(' › ');
    sections.set(section, [...(sections.get(section) ?? []), change]);
  }
  return [...sections];
}

function Values({ change }: { change: DocumentChange }) {
  const before = change.kind === 'added' ? null : text(change.before);
  const after = change.kind === 'removed' ? null : text(change.after);
  const spans = useMemo(
    () =>
      before !== null && after !== null
        ? diffWords(before, after)
        : { before: plain(before), after: plain(after) },
    [before, after],
  );
  return (
    <div className={styles.values}>
      {before === null ? null : (
        <div className={`${styles.value} ${styles.before}`}>
          <span className={styles.sign}>−</span>
          <del style={{ textDecoration: 'none' }}>{Children.toArray(spans.before.map(marked))}</del>
        </div>
      )}
      {after === null ? null : (
        <div className={`${styles.value} ${styles.after}`}>
          <span className={styles.sign}>+</span>
          <ins style={{ textDecoration: 'none' }}>{Children.toArray(spans.after.map(marked))}</ins>
        </div>
      )}
    </div>
  );
}

const marked = (span: Span) => (span.changed ? <mark>{span.text}</mark> : span.text);
const plain = (value: string | null): Span[] => (value === null ? [] : [{ text: value, changed: false }]);

function text(value: unknown): string {
  if (value === undefined || value === null) return '(nothing)';
  if (typeof value === 'string') return value === '' ? '(empty)' : value;
  return JSON.stringify(value, null, 2);
}
