import {
  type ErrorCode,
  type ErrorDefinition,
  errorDefinition,
  errorKinds,
  type Finding,
  finding,
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

/** The same, and the place in the request that it speaks of, so that a form can put the words on the field. */
export function failAt(pointer: string, code: ErrorCode, params: Params = {}): never {
  const { message, remedy } = new SoukError(code, params);
  const [rule = ''] = code.split('.');
  throw new SoukError(code, params, {
    findings: [finding({ rule, code, severity: 'error', pointer, message, remedy })],
  });
}

export function fill(template: string, params: Params): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(params, name) ? String(params[name]) : whole,
  );
}
