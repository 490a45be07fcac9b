import { ServiceFailure, type ServiceFailureDetail } from '@souk/contract';

/** What the face itself refuses. The codes are listed in docs/buying/odata.md. */
export type ODataCode =
  | 'odata.bad_answer'
  | 'odata.failed'
  | 'odata.format_not_supported'
  | 'odata.malformed_body'
  | 'odata.malformed_expression'
  | 'odata.malformed_literal'
  | 'odata.malformed_option'
  | 'odata.malformed_url'
  | 'odata.method_not_allowed'
  | 'odata.missing_parameter'
  | 'odata.not_acceptable'
  | 'odata.not_found'
  | 'odata.not_supported'
  | 'odata.precondition'
  | 'odata.skiptoken'
  | 'odata.too_deep'
  | 'odata.too_long'
  | 'odata.too_many_rows'
  | 'odata.unknown_column'
  | 'odata.unknown_option'
  | 'odata.unknown_parameter'
  | 'odata.value_not_allowed'
  | 'odata.version'
  | 'odata.wrong_type';

const statuses: Record<ODataCode, number> = {
  'odata.bad_answer': 502,
  'odata.failed': 500,
  'odata.format_not_supported': 415,
  'odata.malformed_body': 400,
  'odata.malformed_expression': 400,
  'odata.malformed_literal': 400,
  'odata.malformed_option': 400,
  'odata.malformed_url': 400,
  'odata.method_not_allowed': 405,
  'odata.missing_parameter': 400,
  'odata.not_acceptable': 406,
  'odata.not_found': 404,
  'odata.not_supported': 501,
  'odata.precondition': 412,
  'odata.skiptoken': 400,
  'odata.too_deep': 400,
  'odata.too_long': 413,
  'odata.too_many_rows': 400,
  'odata.unknown_column': 400,
  'odata.unknown_option': 400,
  'odata.unknown_parameter': 400,
  'odata.value_not_allowed': 400,
  'odata.version': 400,
  'odata.wrong_type': 400,
};

export class ODataFailure extends ServiceFailure {
  readonly headers: Record<string, string>;

  constructor(
    code: ODataCode,
    message: string,
    given: { target?: string | undefined; status?: number; headers?: Record<string, string> } = {},
  ) {
    super({ status: given.status ?? statuses[code], code, message, target: given.target });
    this.name = 'ODataFailure';
    this.headers = given.headers ?? {};
  }
}

/** Refuses, and says where: `target` is the query option or parameter, `at` the place in its text, counted from 1. */
export function refuse(code: ODataCode, message: string, target?: string, at?: number): never {
  throw new ODataFailure(code, at === undefined ? message : `${message} (position ${at + 1})`, { target });
}

/** Longest piece of a client's text that is repeated in a message. */
export const shown = (text: string, lengthMax = 60) =>
  text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;

export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly target?: string;
    readonly details?: readonly ServiceFailureDetail[];
  };
}

export const errorBody = (failure: ServiceFailure): ErrorBody => ({
  error: {
    // OData wants neither empty.
    code: failure.code || 'odata.failed',
    message: failure.message || 'The service failed.',
    ...(failure.target && { target: failure.target }),
    ...(failure.details?.length && { details: failure.details }),
  },
});
