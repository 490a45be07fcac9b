import { type Static, Type } from 'typebox';
import { ownModel } from './models.ts';
import { fields, idOf, nullable, oneOf, record, Timestamp, Url } from './schema.ts';

/**
 * Web services of one's own: a model that answers rows, with named and typed columns, at addresses with keys of their own. Source: Azure ML
 * Studio (classic) web services; reference azure-ml-web-services.md, sections 1a and 2a to 2g.
 */
export const webServiceLimits = {
  perAccount: 50,
  endpointsPerService: 1000,
  concurrencyMin: 4,
  concurrencyDefault: 20,
  concurrencyMax: 200,
  columnsMax: 500,
  parametersMax: 100,
  sampleRowsMax: 20,
  rowsDefault: 1000,
  rowsMax: 100_000,
  /** Batch jobs of an endpoint that are worked on at the same time; the rest waits. */
  jobsAtOnce: 40,
  jobsWaiting: 1000,
  logEntriesKept: 1000,
  /** How long a signed link to a result may be read. */
  resultLinkMinutes: 55,
} as const;

export const WebServiceId = Type.String({
  pattern: '^[0-9a-f]{32}$',
  description: '32 hexadecimal digits, as in the addresses of calls',
});

export const webServiceTypes = ['String', 'Boolean', 'Int32', 'Int64', 'Double', 'DateTime'] as const;
const ValueType = oneOf(webServiceTypes);
export type WebServiceType = (typeof webServiceTypes)[number];

const Name = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
  description: 'May hold spaces and hyphens; in OData they become underscores.',
});
const description = Type.Optional(Type.String({ maxLength: 2000 }));
const Cell = nullable(Type.String({ maxLength: 10_000 }));
const values = Type.Optional(
  Type.Array(Type.String({ maxLength: 255 }), { maxItems: 1000, description: 'The only ones taken.' }),
);

export const WebServiceColumn = record('WebServiceColumn', {
  name: Name,
  type: ValueType,
  description,
  nullable: Type.Optional(Type.Boolean({ description: 'Null is taken, and given to the model as missing.' })),
  values,
  default: Type.Optional(
    Type.String({ maxLength: 10_000, description: 'Used where a call leaves the column out.' }),
  ),
  hidden: Type.Optional(
    Type.Boolean({
      description:
        'The model wants it, callers neither see nor give it: its default is used. Of the output: left out.',
    }),
  ),
});
export type WebServiceColumn = Static<typeof WebServiceColumn>;

export const WebServiceParameter = record('WebServiceParameter', {
  name: Name,
  type: ValueType,
  description,
  values,
  default: Type.Optional(Type.String({ maxLength: 10_000, description: 'Without one it is required.' })),
  column: Type.Optional(
    Type.String({
      maxLength: 128,
      description:
        'The input column that it fills, in each row; without one the model is told in X-Amzn-SageMaker-Custom-Attributes.',
    }),
  ),
});
export type WebServiceParameter = Static<typeof WebServiceParameter>;

const Port = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$', description: 'input1, output1' });

/** How a web service looks. Columns stand in the model's order, and there are as many as the model has. */
export const WebServiceSchema = record('WebServiceSchema', {
  input: fields({
    name: Port,
    columns: Type.Array(WebServiceColumn, { minItems: 1, maxItems: webServiceLimits.columnsMax }),
  }),
  output: fields({
    name: Port,
    columns: Type.Array(WebServiceColumn, { minItems: 1, maxItems: webServiceLimits.columnsMax }),
  }),
  parameters: Type.Array(WebServiceParameter, { maxItems: webServiceLimits.parametersMax }),
  sampleRows: Type.Array(Type.Array(Cell, { maxItems: webServiceLimits.columnsMax }), {
    maxItems: webServiceLimits.sampleRowsMax,
    description: 'A cell for each input column, hidden ones too.',
  }),
  sampleAnswer: Type.Array(Type.Array(Cell, { maxItems: webServiceLimits.columnsMax }), {
    maxItems: webServiceLimits.sampleRowsMax,
  }),
  rowsMax: Type.Integer({ minimum: 1, maximum: webServiceLimits.rowsMax, description: 'Of one call.' }),
});
export type WebServiceSchema = Static<typeof WebServiceSchema>;

/** How rows are handed to the model: lines of CSV, or JSON under a name (`inputKey`; null: records as `instances`). */
export const WebServiceWire = record('WebServiceWire', {
  format: oneOf(['csv', 'json']),
  inputKey: nullable(Type.String({ maxLength: 128 })),
});
export type WebServiceWire = Static<typeof WebServiceWire>;

export const WebServiceEndpointName = Type.String({
  pattern: '^[a-z0-9]{1,24}$',
  description: 'Lower-case letters and digits, 1 to 24.',
});
export const webServiceLogging = ['None', 'Error', 'All'] as const;

const endpointSettings = {
  description: Type.Optional(Type.String({ maxLength: 2000 })),
  maxConcurrentCalls: Type.Optional(
    Type.Integer({
      minimum: webServiceLimits.concurrencyMin,
      maximum: webServiceLimits.concurrencyMax,
      description: 'Request-response calls at the same time; more are refused with 503.',
    }),
  ),
  logging: Type.Optional(oneOf(webServiceLogging)),
  loggingUntil: Type.Optional(nullable(Timestamp)),
  sampleData: Type.Optional(
    Type.Boolean({ description: 'Sample rows stand in swagger.json and on the help pages.' }),
  ),
};
export const NewWebServiceEndpoint = fields({ name: WebServiceEndpointName, ...endpointSettings });
export type NewWebServiceEndpoint = Static<typeof NewWebServiceEndpoint>;
export const WebServiceEndpointChange = fields({
  ...endpointSettings,
  readOnly: Type.Optional(
    Type.Literal(true, { description: 'Nobody changes it any more, or deletes it. This cannot be undone.' }),
  ),
});
export type WebServiceEndpointChange = Static<typeof WebServiceEndpointChange>;

export const WebServiceEndpoint = record('WebServiceEndpoint', {
  id: WebServiceId,
  name: WebServiceEndpointName,
  isDefault: Type.Boolean(),
  description: Type.String(),
  maxConcurrentCalls: Type.Integer(),
  logging: oneOf(webServiceLogging),
  loggingUntil: nullable(Timestamp),
  sampleData: Type.Boolean(),
  readOnly: Type.Boolean(),
  primaryKey: Type.String({ description: 'Its end, to recognise it by.' }),
  secondaryKey: Type.String(),
  urls: fields({
    execute: Url,
    jobs: Url,
    odata: Url,
    swagger: Url,
    help: Url,
    batchHelp: Url,
  }),
  folder: Type.String({
    description:
      'Of the account’s files: what batch jobs read and write that are submitted with a key of this endpoint. It ends with a slash.',
  }),
  createdBy: Type.String(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type WebServiceEndpoint = Static<typeof WebServiceEndpoint>;

/** Keys, the only time that they are shown. */
export const WebServiceKeys = record('WebServiceKeys', {
  primaryKey: nullable(Type.String()),
  secondaryKey: nullable(Type.String()),
});
export type WebServiceKeys = Static<typeof WebServiceKeys>;

export const webServiceStates = ['Provisioning', 'Succeeded', 'Failed', 'Stopped'] as const;
const summary = {
  id: WebServiceId,
  workspace: WebServiceId,
  name: Type.String(),
  description: Type.String(),
  state: oneOf(webServiceStates, 'Succeeded: it answers. Stopped: its subscription or its owner stopped it.'),
  reason: nullable(Type.String()),
  runs: Type.String({ description: 'publisher/product version, or the name of a model package' }),
  servedBy: Type.String({ description: 'The endpoint with the instances behind it: /api/endpoints/{name}.' }),
  endpointCount: Type.Integer(),
  createdBy: Type.String(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
};
export const WebServiceSummary = record('WebServiceSummary', summary);
export type WebServiceSummary = Static<typeof WebServiceSummary>;
export const WebService = record('WebService', {
  ...summary,
  schema: WebServiceSchema,
  wire: WebServiceWire,
  endpoints: Type.Array(WebServiceEndpoint),
});
export type WebService = Static<typeof WebService>;

export const NewWebService = fields({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  description: Type.Optional(Type.String({ maxLength: 2000 })),
  subscriptionId: Type.Optional(idOf('sub')),
  version: Type.Optional(Type.String({ maxLength: 64 })),
  modelPackage: Type.Optional(ownModel),
  instanceType: Type.String({ maxLength: 64 }),
  instances: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
  instancesMin: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
  instancesMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
  idleMinutes: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 1440 }))),
  schema: Type.Optional(WebServiceSchema),
});
export type NewWebService = Static<typeof NewWebService>;

export const WebServiceTraffic = record('WebServiceTraffic', {
  minutes: Type.Array(
    record('WebServiceMinute', {
      at: Timestamp,
      endpoint: WebServiceEndpointName,
      calls: Type.Integer(),
      failed: Type.Integer({ description: 'Of the calls: those that were answered with an error.' }),
      throttled: Type.Integer(),
      meanMs: nullable(Type.Number()),
    }),
  ),
});
export type WebServiceTraffic = Static<typeof WebServiceTraffic>;

export const WebServiceLog = record('WebServiceLog', {
  items: Type.Array(
    record('WebServiceLogEntry', {
      at: Timestamp,
      kind: oneOf(['score/requests', 'batch']),
      requestId: Type.String(),
      status: Type.Integer(),
      durationMs: Type.Number(),
      rows: Type.Integer(),
      message: Type.String(),
    }),
  ),
});
export type WebServiceLog = Static<typeof WebServiceLog>;

export const webServiceJobStates = ['NotStarted', 'Running', 'Failed', 'Cancelled', 'Finished'] as const;
export type WebServiceJobState = (typeof webServiceJobStates)[number];

/** A batch job, as its owner sees it. The caller's view of it is on the vendor's wire. */
export const WebServiceJobs = record('WebServiceJobs', {
  items: Type.Array(
    record('WebServiceJob', {
      id: WebServiceId,
      state: oneOf(webServiceJobStates, 'NotStarted: it waits for its start, or its turn.'),
      input: Type.String(),
      output: Type.String(),
      rows: Type.Integer({ description: 'Answered until now.' }),
      failure: nullable(Type.String()),
      createdBy: Type.String(),
      createdAt: Timestamp,
      startedAt: nullable(Timestamp),
      endedAt: nullable(Timestamp),
    }),
  ),
});
export type WebServiceJobs = Static<typeof WebServiceJobs>;

/** A test call from the page of a web service, without a key. */
export const WebServiceTest = record('WebServiceTest', {
  columns: Type.Array(fields({ name: Type.String(), type: ValueType })),
  rows: Type.Array(Type.Array(Cell)),
  durationMs: Type.Number(),
});
export type WebServiceTest = Static<typeof WebServiceTest>;
