import { type connectionSteps, ServiceFailure } from '@souk/contract';
import { OutboundError } from '../../platform/outbound.ts';

export type Step = (typeof connectionSteps)[number];

/** What a step found wrong. */
export class Failed extends Error {
  readonly code: string;
  readonly pointer: string;
  readonly remedy: string;
  constructor(code: string, pointer: string, message: string, remedy: string) {
    super(message);
    this.code = code;
    this.pointer = pointer;
    this.remedy = remedy;
  }
}

const placeOfFault: Readonly<Record<string, Step>> = {
  'outbound.unresolved': 'resolved',
  'outbound.address_refused': 'allowed',
  'outbound.tls': 'tls',
};
const samplePlaces: Readonly<Record<string, string>> = {
  'service.credentials_refused': '/service/authentication/credentialId',
  'service.answer_unreadable': '/service/operations',
};

/** What went wrong in a step, and the step that it belongs to: the way there is one request. */
export function asFailed(error: unknown, step: Step): { at: Step; failed: Failed } {
  if (error instanceof Failed)
    return { at: error.code === 'connection.credential_missing' ? 'credentials' : step, failed: error };
  if (error instanceof OutboundError) {
    const { code, message, remedy } = error;
    return {
      at: step === 'sample' ? step : (placeOfFault[code] ?? step),
      failed: new Failed(`connection.${code.slice('outbound.'.length)}`, '/service/url', message, remedy),
    };
  }
  if (!(error instanceof ServiceFailure)) throw error;
  return {
    at: step,
    failed: new Failed(
      `connection.sample_${error.code.slice('service.'.length)}`,
      samplePlaces[error.code] ?? '/service/sample',
      `The sample call: ${error.message}`,
      error.code === 'service.answer_unreadable'
        ? 'Correct the format, the place of the rows or the columns of the operation.'
        : 'Correct the sample’s arguments or the request of the operation.',
    ),
  };
}
