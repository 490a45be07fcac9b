import { type ErrorKind, errorKinds, type Finding } from '@souk/contract';

/** Kinds of the contract, and two of the command line's own. */
export type FailureKind = ErrorKind | 'refused' | 'interrupted';

/** An expected way to end: printed as code, message, remedy and findings, never as a stack. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly code: string;
  readonly remedy: string;
  readonly findings: readonly Finding[];
  readonly requestId: string | null;

  constructor(
    given: { kind: FailureKind; code: string; message: string; remedy: string } & {
      findings?: readonly Finding[];
      requestId?: string | null;
      cause?: unknown;
    },
  ) {
    super(given.message, { cause: given.cause });
    this.name = 'Failure';
    this.kind = given.kind;
    this.code = given.code;
    this.remedy = given.remedy;
    this.findings = given.findings ?? [];
    this.requestId = given.requestId ?? null;
  }
}

export const withFindings = (failure: Failure, findings: readonly Finding[]): Failure =>
  new Failure({
    kind: failure.kind,
    code: failure.code,
    message: failure.message,
    remedy: failure.remedy,
    requestId: failure.requestId,
    findings,
    cause: failure,
  });

/** 0 done, 1 looked at and refused (findings), 2 to 10 by the error's kind, 130 ended by Ctrl-C. */
export const exitCodes = {
  refused: 1,
  ...(Object.fromEntries(Object.entries(errorKinds).map(([kind, k]) => [kind, k.exitCode])) as Record<
    ErrorKind,
    number
  >),
  interrupted: 130,
} as const satisfies Record<FailureKind, number>;

export const exitCodeOf = (error: unknown): number =>
  error instanceof Failure ? exitCodes[error.kind] : exitCodes.internal;

export const misuse = (message: string, remedy: string): Failure =>
  new Failure({ kind: 'invalid', code: 'cli.usage', message, remedy });

export const interrupted = (): Failure =>
  new Failure({ kind: 'interrupted', code: 'cli.interrupted', message: 'Interrupted.', remedy: '' });

/** What went wrong, as a Failure; only a bug stays what it is. */
export function asFailure(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof Failure) return error;
  if (signal.aborted) return interrupted();
  const { code, path } = (error ?? {}) as { code?: string; path?: string };
  if (code === 'ENOENT' && path)
    return new Failure({
      kind: 'missing',
      code: 'cli.file_missing',
      message: `There is no file ${path}.`,
      remedy: 'Check the path.',
    });
  if ((code === 'EACCES' || code === 'EPERM') && path)
    return new Failure({
      kind: 'forbidden',
      code: 'cli.file_forbidden',
      message: `${path} may not be read or written by you.`,
      remedy: 'Check who owns it and its mode.',
    });
  return error;
}
