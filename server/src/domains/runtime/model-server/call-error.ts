/** A call that cannot be answered, with the sentence the caller reads. Anything else thrown is our own fault: 500. */
export class CallError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
