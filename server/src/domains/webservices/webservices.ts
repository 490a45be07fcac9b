import type { WebServiceJobState, WebServiceSchema, WebServiceWire, webServiceLogging } from '@souk/contract';

export type Logging = (typeof webServiceLogging)[number];

export interface WebServiceRow {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly accountId: string;
  readonly workspace: string;
  readonly name: string;
  readonly description: string;
  /** Id of the endpoint with the instances. */
  readonly servedBy: string;
  /** Its name, and how it is. */
  readonly servedByName: string;
  readonly servedByState: string;
  readonly servedByReason: string | null;
  readonly serves: boolean;
  readonly runs: string;
  readonly schema: WebServiceSchema;
  readonly wire: WebServiceWire;
  readonly endpointCount: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface EndpointRow {
  /** 32 hexadecimal digits: the `service id` of addresses. */
  readonly id: string;
  readonly serviceId: string;
  readonly name: string;
  readonly isDefault: boolean;
  readonly description: string;
  readonly maxConcurrentCalls: number;
  readonly logging: Logging;
  readonly loggingUntil: Date | null;
  readonly sampleData: boolean;
  readonly readOnly: boolean;
  readonly primarySha256: string;
  readonly primaryHint: string;
  readonly secondarySha256: string;
  readonly secondaryHint: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface JobRow {
  readonly id: string;
  readonly endpointId: string;
  readonly accountId: string;
  readonly state: WebServiceJobState;
  /** Locations: souk:// or s3://. */
  readonly input: string;
  readonly output: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly startedAt: Date | null;
  readonly failure: string | null;
  readonly rowsDone: number;
  readonly attempts: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}
