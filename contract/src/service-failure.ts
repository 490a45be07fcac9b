export interface ServiceFailureDetail {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

/**
 * Why a call of a web service has no rows, in words for the buyer who made it. Whoever calls a service throws it (services.call.ts), and
 * each face makes its own error of it: the OData face an OData error, the gateway's data path the error of Souk. It stands in the contract
 * because domains and dialects both need it, and neither may import the other.
 */
export class ServiceFailure extends Error {
  readonly status: number;
  readonly code: string;
  readonly target: string | undefined;
  readonly details: readonly ServiceFailureDetail[] | undefined;

  constructor(given: {
    readonly status: number;
    readonly code: string;
    readonly message: string;
    readonly target?: string | undefined;
    readonly details?: readonly ServiceFailureDetail[] | undefined;
  }) {
    super(given.message);
    this.name = 'ServiceFailure';
    this.status = given.status;
    this.code = given.code;
    this.target = given.target;
    this.details = given.details;
  }
}
