/** An answer that is an error, in OData's form. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly target: string | undefined;

  constructor(status: number, code: string, message: string, target?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.target = target;
  }

  get body() {
    const target = this.target === undefined ? {} : { target: this.target };
    return { error: { code: this.code, message: this.message, ...target } };
  }
}
