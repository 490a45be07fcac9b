import { type Static, Type } from 'typebox';
import { fields, nullable, oneOf, record } from './schema.ts';

/**
 * What a web-service product says of the service behind it (`service` in the product document), and how its operations look to
 * buyers. An operation has parameters and answers rows; how the service itself wants to be asked is in `request` and `response`,
 * which buyers never see. Source: the vendor's data services and their CSDL mapping (FunctionImport, EntityType).
 */
const optional = Type.Optional;
const text = Type.String({ maxLength: 100_000 });

/** Primitive types of OData 4.0 that columns and parameters may have. */
export const edmTypes = [
  'Edm.String',
  'Edm.Boolean',
  'Edm.Int16',
  'Edm.Int32',
  'Edm.Int64',
  'Edm.Single',
  'Edm.Double',
  'Edm.Decimal',
  'Edm.Date',
  'Edm.DateTimeOffset',
  'Edm.Guid',
] as const;
export const EdmType = oneOf(edmTypes);
export type EdmType = Static<typeof EdmType>;

/** A simple identifier of OData: what buyers write in addresses and read as names of columns. */
export const ODataIdentifier = Type.String({
  pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$',
  description: 'A letter or underscore, then letters, digits and underscores, at most 128',
});

const field = {
  name: ODataIdentifier,
  title: optional(
    Type.String({
      maxLength: 255,
      description: 'The name as the service or model says it, where it differs.',
    }),
  ),
  type: EdmType,
  collection: optional(Type.Boolean({ description: 'A list of values of this type.' })),
  nullable: optional(Type.Boolean()),
  description: optional(text),
};

/** What a call gives. `values` is a closed set, shown as a choice; `default` makes it optional. */
export const ServiceParameter = record('ServiceParameter', {
  ...field,
  default: optional(nullable(text)),
  values: optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 1000 })),
  sample: optional(Type.String({ maxLength: 10_000 })),
  pattern: optional(Type.String({ maxLength: 500 })),
  lengthMax: optional(Type.Integer({ minimum: 1 })),
});
export type ServiceParameter = Static<typeof ServiceParameter>;

/** What a row of the answer has. `path` says where it is: a JSONPath or XPath relative to the row. */
export const ServiceColumn = record('ServiceColumn', {
  ...field,
  path: optional(Type.String({ maxLength: 1000 })),
  key: optional(
    Type.Boolean({ description: 'Part of the key; without one, rows get a number of their own.' }),
  ),
});
export type ServiceColumn = Static<typeof ServiceColumn>;

/** How the service itself is asked. `{name}` in path, query, headers and body stands for a parameter. */
export const ServiceRequest = record('ServiceRequest', {
  method: oneOf(['GET', 'POST', 'PUT', 'DELETE']),
  path: Type.String({ maxLength: 2048, description: 'Relative to the service URL, with its query.' }),
  headers: optional(Type.Array(fields({ name: text, value: text }), { maxItems: 50 })),
  body: optional(nullable(text)),
  /** `json` writes values as JSON in the body, `xml` escapes them, `text` writes them as they are. */
  bodyFormat: optional(oneOf(['json', 'xml', 'text'])),
  encodeParameterValues: optional(Type.Boolean()),
});

export const ServiceResponse = record('ServiceResponse', {
  format: oneOf(['json', 'xml', 'csv']),
  rows: optional(
    Type.String({
      maxLength: 1000,
      description: 'JSONPath or XPath of what repeats; absent: the whole answer is one row.',
    }),
  ),
  namespaces: optional(Type.Array(fields({ prefix: text, uri: text }), { maxItems: 50 })),
  /** The first that matches makes the answer an error. Messages must not hold secrets: buyers read them. */
  errors: optional(
    Type.Array(
      fields({
        match: Type.String({ maxLength: 1000 }),
        status: Type.Integer({ minimum: 400, maximum: 599 }),
        message: text,
      }),
      { maxItems: 50 },
    ),
  ),
});

export const ServicePaging = record('ServicePaging', {
  kind: oneOf(
    ['skip-take', 'page-size'],
    '`{$skip}` and `{$take}`, or `{$page}` (from 1) and `{$size}`, in the request',
  ),
  sizeMax: Type.Integer({ minimum: 1, maximum: 10_000 }),
});

export const ServiceOperation = record('ServiceOperation', {
  name: ODataIdentifier,
  title: optional(text),
  description: optional(text),
  /** What buyers see: a function is read with GET, an action is asked with POST. Both are offered where a function's values may be long. */
  kind: oneOf(['function', 'action', 'both']),
  parameters: Type.Array(ServiceParameter, { maxItems: 200 }),
  columns: Type.Array(ServiceColumn, { maxItems: 500 }),
  /** True: any number of rows; false: one. */
  collection: Type.Boolean(),
  request: ServiceRequest,
  response: ServiceResponse,
  paging: optional(nullable(ServicePaging)),
  transactions: optional(
    Type.Integer({ minimum: 1, description: 'Of one call; absent: by the rows, as the service says.' }),
  ),
});
export type ServiceOperation = Static<typeof ServiceOperation>;

const {
  request: _request,
  response: _response,
  paging: _paging,
  ...publicFields
} = ServiceOperation.properties;
export const PublicServiceOperation = record('PublicServiceOperation', publicFields);

/** An operation as buyers see it: without how the service behind is asked. */
export type PublicOperation = Omit<ServiceOperation, 'request' | 'response' | 'paging'>;

export const authenticationSchemes = ['none', 'header', 'query', 'basic'] as const;
export const ServiceAuthentication = record('ServiceAuthentication', {
  scheme: oneOf(authenticationSchemes),
  headerName: optional(Type.String({ maxLength: 255 })),
  parameterName: optional(Type.String({ maxLength: 255 })),
  userName: optional(Type.String({ maxLength: 255 })),
  credentialId: optional(
    nullable(
      Type.String({ maxLength: 100, description: 'Names the sealed header value, query value or password.' }),
    ),
  ),
});
export type ServiceAuthentication = Static<typeof ServiceAuthentication>;

export const ServiceSection = record('ServiceSection', {
  url: optional(Type.String({ maxLength: 2048, description: 'The service URL: the root, for OData.' })),
  authentication: optional(ServiceAuthentication),
  isOData: optional(Type.Boolean()),
  /** Described by hand, imported, or by the mapping; of an OData service none: its own metadata says them. */
  operations: optional(Type.Array(ServiceOperation, { maxItems: 200 })),
  sample: optional(
    nullable(
      fields({
        operation: Type.String({
          maxLength: 1000,
          description: 'An operation; for OData a path with query under the root.',
        }),
        arguments: optional(Type.Record(Type.String(), Type.Unknown())),
      }),
    ),
  ),
  transactions: optional(
    fields({
      recordsPerTransaction: optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    }),
  ),
  timeoutMs: optional(Type.Integer({ minimum: 100, maximum: 600_000 })),
  /** Pages of these origins may call from a browser; `*` is all. */
  corsOrigins: optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 50 })),
  /** Buyers may put their key into the query as `key`: some clients know no other way. */
  queryKeyAllowed: optional(Type.Boolean()),
  healthEveryMinutes: optional(Type.Integer({ minimum: 1, maximum: 1440 })),
});
export type ServiceSection = Static<typeof ServiceSection>;
