import { Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Finding } from '../api/types.ts';
import { formatCount } from '../format/format.ts';
import styles from './form-field.module.css';
import { StatusShape, stateWord } from './status-badge.tsx';

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly description?: ReactNode;
  readonly placeholder?: string;
  readonly charsMax?: number;
  readonly required?: boolean;
  readonly findings?: readonly Finding[];
  /** Lines of text; one makes a single-line input. */
  readonly rows?: number;
  readonly mono?: boolean;
  readonly disabled?: boolean;
  readonly type?: 'text' | 'email' | 'url';
  readonly autoComplete?: string;
}

/** A text field that counts as it is typed into, and shows what the server says about it where it belongs. */
export function TextField(props: FieldProps) {
  const { label, value, onChange, description, charsMax, required, findings = [], rows = 1 } = props;
  const chars = charsMax === undefined ? 0 : [...value].length;
  const over = charsMax !== undefined && chars > charsMax;
  const error = findings.some((f) => f.severity === 'error') || over;
  const shared = {
    label,
    value,
    required: required ?? false,
    // The browser's own bubble would stop a half-written draft from being saved.
    withAsterisk: required ?? false,
    placeholder: props.placeholder,
    disabled: props.disabled ?? false,
    description,
    error: error || findings.length > 0 ? <Messages findings={findings} /> : undefined,
    'aria-invalid': error,
    inputWrapperOrder: ['label', 'description', 'input', 'error'] as const satisfies readonly string[],
    ...(props.mono
      ? { styles: { input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12.5 } } }
      : {}),
  };
  const wrapperOrder: ('label' | 'description' | 'input' | 'error')[] = [...shared.inputWrapperOrder];
  return (
    <div>
      {rows > 1 ? (
        <Textarea
          {...shared}
          inputWrapperOrder={wrapperOrder}
          rows={rows}
          resize="vertical"
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <TextInput
          {...shared}
          inputWrapperOrder={wrapperOrder}
          type={props.type ?? 'text'}
          {...(props.autoComplete ? { autoComplete: props.autoComplete } : {})}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
      {charsMax === undefined ? null : <Counter chars={chars} charsMax={charsMax} />}
    </div>
  );
}

export function Counter({ chars, charsMax }: { chars: number; charsMax: number }) {
  const over = chars > charsMax;
  return (
    <div className={styles.below}>
      <span />
      <span className={styles.counter} data-over={over || undefined} aria-live={over ? 'polite' : 'off'}>
        {formatCount(chars)} / {formatCount(charsMax)}
        {over ? `, ${formatCount(chars - charsMax)} too many` : ''}
      </span>
    </div>
  );
}

export function Messages({ findings }: { findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <span className={styles.messages}>
      {findings.map((finding) => (
        <span
          key={finding.code + finding.message}
          className={styles.message}
          data-severity={finding.severity}
        >
          <StatusShape state={finding.severity} />
          <span>
            <span className="visually-hidden">{stateWord(finding.severity)}: </span>
            {finding.message} {finding.remedy}
          </span>
        </span>
      ))}
    </span>
  );
}

/** The place in a form that a JSON pointer leads to; deep links and findings aim at it. */
export function FieldTarget({
  pointer,
  aimed,
  children,
}: {
  pointer: string;
  aimed: boolean;
  children: ReactNode;
}) {
  return (
    <div id={fieldId(pointer)} className={styles.target} data-aimed={aimed || undefined}>
      {children}
    </div>
  );
}

export const fieldId = (pointer: string) => `field${pointer.replaceAll('/', '-')}`;
