import { fill } from './errors.ts';
import type { OutboundStep } from './outbound.ts';

/** What can go wrong on the way out, in words for whoever typed the address. */
const faults = {
  url_invalid: {
    message: 'The address {url} cannot be called: {problem}.',
    remedy: 'Give an http or https address without user name and password.',
  },
  header_invalid: {
    message: 'The header {header} cannot be sent: {problem}.',
    remedy: 'Use letters, digits and hyphens in its name, and one line of text in its value.',
  },
  unresolved: {
    message: 'There is no address for {host}.',
    remedy: 'Check the spelling, and that the name is in public DNS.',
  },
  address_refused: {
    message: '{host} is at {address}, which is {reason}; Souk does not call such addresses.',
    remedy: 'Use a public address, or ask the operator to allow the network (SOUK_OUTBOUND_ALLOW).',
  },
  unreachable: {
    message: 'No connection to {host} at {address}: {problem}.',
    remedy: 'Check that the service runs and that its firewall lets Souk in.',
  },
  tls: {
    message: 'No TLS with {host}: {problem}.',
    remedy: 'Use a certificate for this name from a public authority, with its chain, not expired.',
  },
  timeout: {
    message: 'No whole answer within {seconds} seconds.',
    remedy: 'Make the service answer sooner.',
  },
  redirects: {
    message: 'More than {redirectsMax} redirects.',
    remedy: 'Give the address at which the redirects end.',
  },
  downgrade: {
    message: 'It redirects from https to {url}, which is not encrypted.',
    remedy: 'Redirect to https addresses only.',
  },
  too_large: {
    message: 'The answer is larger than {bytesMax} bytes.',
    remedy: 'Answer with less.',
  },
  headers_too_large: {
    message: 'The headers of the answer are larger than {bytesMax} bytes.',
    remedy: 'Answer with fewer or shorter headers.',
  },
  encoding: {
    message: 'The answer is packed as {encoding}, and cannot be unpacked.',
    remedy: 'Answer unpacked, or with a whole gzip, deflate or br stream.',
  },
  broken: {
    message: 'The connection broke: {problem}.',
    remedy: 'Try again; look at the log of the service if it stays.',
  },
} as const;
export type OutboundFault = keyof typeof faults;

/** Not an error of ours, nor yet of the API: the caller makes a finding of it, or tries again. */
export class OutboundError extends Error {
  readonly code: `outbound.${OutboundFault}`;
  readonly remedy: string;
  steps: readonly OutboundStep[] = [];

  constructor(fault: OutboundFault, params: Record<string, string | number>) {
    super(fill(faults[fault].message, params));
    this.name = 'OutboundError';
    this.code = `outbound.${fault}`;
    this.remedy = faults[fault].remedy;
  }

  after(steps: readonly OutboundStep[]): this {
    this.steps = steps;
    return this;
  }
}
