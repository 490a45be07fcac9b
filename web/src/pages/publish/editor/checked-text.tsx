import { TextInput } from '@mantine/core';
import { useState } from 'react';

interface Props {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly pattern: RegExp;
  readonly hint: string;
  readonly inputMode?: 'decimal';
  readonly disabled: boolean;
  readonly onChange: (value: string) => void;
}

/** For texts whose half-written form is no value yet ("0." on the way to "0.002"): only whole ones reach the document. */
export function CheckedText({
  label,
  description,
  value,
  pattern,
  hint,
  inputMode,
  disabled,
  onChange,
}: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? value;
  return (
    <TextInput
      label={label}
      description={description}
      value={text}
      disabled={disabled}
      inputMode={inputMode ?? 'text'}
      error={pattern.test(text) ? null : hint}
      onChange={(event) => {
        const next = event.currentTarget.value.trim();
        setTyped(next);
        if (pattern.test(next)) onChange(next);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
