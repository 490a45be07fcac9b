import { useState } from 'react';
import { isApiError } from '../../../api/errors.ts';
import type { Finding } from '../../../api/types.ts';

/** Findings of a form: those of the rules once somebody has tried to save, and those that the server adds. */
export function useAnswers<T extends object>(saved: T, check: (answers: T) => Finding[], failure: unknown) {
  const [answers, setAnswers] = useState<T>(saved);
  const [tried, setTried] = useState(false);
  const masked = (f: Finding) =>
    isMasked(at(answers, f.pointer)) && at(answers, f.pointer) === at(saved, f.pointer);
  // A number that came masked and was not touched stays as it is: the server knows it.
  const found = check(answers).filter((f) => !masked(f));
  const all = tried ? [...found, ...(isApiError(failure) && found.length === 0 ? failure.findings : [])] : [];
  return {
    answers,
    set: (change: Partial<T>) => setAnswers({ ...answers, ...change }),
    complete: found.length === 0,
    try: () => setTried(true),
    found: all,
    of: (pointer: string) => all.filter((f) => f.pointer === pointer),
    /** What stands at none of the form's fields. */
    error: (pointer: string) =>
      all
        .filter((f) => f.pointer === pointer)
        .map((f) => `${f.message} ${f.remedy}`)
        .join(' ') || undefined,
  };
}

const isMasked = (value: unknown) => typeof value === 'string' && value.startsWith('••••');

function at(value: unknown, pointer: string | null): unknown {
  return (pointer ?? '')
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (v, key) => (typeof v === 'object' && v !== null ? (v as Record<string, unknown>)[key] : undefined),
      value,
    );
}
