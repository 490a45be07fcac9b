import {
  type ErrorCode,
  type ErrorDefinition,
  errorDefinition,
  errorKinds,
  type Finding,
} from '@souk/contract';

type Params = Record<string, string | number | boolean>;

/** A declared error on its way to the caller. `internal` is for the log only. */
export class SoukError extends Error {
  readonly code: ErrorCode;
  readonly params: Params;
  readonly findings: readonly Finding[] | undefined;
  readonly internal: unknown;

  constructor(
    code: ErrorCode,
    params: Params = {},
    more: { findings?: readonly Finding[]; internal?: unknown } = {},
  ) {
    super(fill(errorDefinition(code).message, params));
    this.name = 'SoukError';
    this.code = code;
    this.params = params;
    this.findings = more.findings;
    this.internal = more.internal;
  }

  get definition(): ErrorDefinition {
    return errorDefinition(this.code);
  }

  get remedy(): string {
    return fill(this.definition.remedy, this.params);
  }

  get status(): number {
    return this.definition.status ?? errorKinds[this.definition.kind].status;
  }
}

/** Refuses with a declared error. */
export function fail(
  code: ErrorCode,
  params?: Params,
  more?: { findings?: readonly Finding[]; internal?: unknown },
): never {
  throw new SoukError(code, params, more);
}

export function fill(template: string, params: Params): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(params, name) ? String(params[name]) : whole,
  );
}
