import type { WebServiceColumn, WebServiceParameter, WebServiceType } from '@souk/contract';
import { type Found, inputColumns, outputColumns } from '../../domains/webservices/index.ts';

const types: Readonly<Record<WebServiceType, { type: string; format?: string }>> = {
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  Int32: { type: 'integer', format: 'int32' },
  Int64: { type: 'integer', format: 'int64' },
  Double: { type: 'number', format: 'double' },
  DateTime: { type: 'string', format: 'date-time' },
};

const propertyOf = (c: WebServiceColumn | WebServiceParameter) => ({
  ...types[c.type],
  ...(c.description ? { description: c.description } : {}),
  ...(c.values ? { enum: c.values } : {}),
  ...(c.default === undefined ? {} : { default: c.default }),
  ...('nullable' in c && c.nullable ? { 'x-ms-isnullable': true } : {}),
});

const properties = (columns: readonly (WebServiceColumn | WebServiceParameter)[]) =>
  Object.fromEntries(columns.map((c) => [c.name, propertyOf(c)]));

/** A sample request in both forms, of the sample rows, or of made-up values where there are none. */
export function samplesOf({ service: { schema }, endpoint }: Found) {
  const columns = inputColumns(schema);
  const at = columns.map((c) => schema.input.columns.indexOf(c));
  const made: Readonly<Record<WebServiceType, string>> = {
    String: 'value',
    Boolean: 'True',
    Int32: '0',
    Int64: '0',
    Double: '0',
    DateTime: '2026-01-01T00:00:00Z',
  };
  const shown = endpoint.sampleData && schema.sampleRows.length > 0;
  const rows: (string | null)[][] = shown
    ? schema.sampleRows.map((r) => at.map((i) => r[i] ?? null))
    : [columns.map((c) => c.default ?? c.values?.[0] ?? made[c.type])];
  const names = columns.map((c) => c.name);
  const parameters = Object.fromEntries(
    schema.parameters.map((p) => [p.name, p.default ?? p.values?.[0] ?? made[p.type]]),
  );
  const outputs = outputColumns(schema);
  const outAt = outputs.map((c) => schema.output.columns.indexOf(c));
  const answered =
    endpoint.sampleData && schema.sampleAnswer.length > 0
      ? schema.sampleAnswer.map((r) => outAt.map((i) => r[i] ?? null))
      : [outputs.map((c) => made[c.type])];
  const { name: input } = schema.input;
  const { name: output } = schema.output;
  return {
    names,
    rows,
    parameters,
    columnForm: { Inputs: { [input]: { ColumnNames: names, Values: rows } }, GlobalParameters: parameters },
    swaggerForm: {
      Inputs: { [input]: rows.map((r) => Object.fromEntries(r.map((c, i) => [names[i], c]))) },
      GlobalParameters: parameters,
    },
    answer: {
      Results: {
        [output]: {
          type: 'DataTable',
          value: {
            ColumnNames: outputs.map((c) => c.name),
            ColumnTypes: outputs.map((c) => c.type),
            Values: answered,
          },
        },
      },
    },
  };
}

/** Swagger 2.0 of an endpoint, as the vendor's clients look for it (reference, section 2f). */
export function swaggerOf(found: Found, publicUrl: string) {
  const { service, endpoint } = found;
  const { schema } = service;
  const { protocol, hostname, port } = new URL(publicUrl);
  const secure = protocol === 'https:';
  const { name: input } = schema.input;
  const { name: output } = schema.output;
  const item = (port: string) => `${port}Item`;
  const required = inputColumns(schema).flatMap((c) => (c.default === undefined ? [c.name] : []));
  const requiredParameters = schema.parameters.flatMap((p) => (p.default === undefined ? [p.name] : []));
  const ref = (name: string) => ({ $ref: `#/definitions/${name}` });
  const failure = {
    description: 'What went wrong: class, and exact reason in details',
    schema: ref('ErrorResponse'),
  };
  return {
    swagger: '2.0',
    info: {
      version: '2.0',
      title: service.name,
      description: service.description || 'No description provided for this web service.',
      'x-endpoint-name': endpoint.name,
    },
    host: `${hostname}:${port || (secure ? '443' : '80')}`,
    basePath: `/workspaces/${service.workspace}/services/${endpoint.id}`,
    schemes: [secure ? 'https' : 'http'],
    consumes: ['application/json'],
    produces: ['application/json'],
    paths: {
      '/swagger.json': {
        get: {
          operationId: 'getSwaggerDocument',
          summary: 'This document',
          responses: { '200': { description: 'OK' } },
        },
      },
      '/execute?api-version=2.0&format=swagger': {
        post: {
          operationId: 'execute',
          summary: 'Ask the web service, and wait for its answer',
          security: [{ Bearer: [] }],
          parameters: [
            { name: 'executePayload', in: 'body', required: true, schema: ref('ExecutionRequest') },
          ],
          responses: {
            '200': { description: 'The rows of the output', schema: ref('ExecutionResponse') },
            default: failure,
          },
        },
      },
    },
    securityDefinitions: {
      Bearer: {
        type: 'apiKey',
        name: 'Authorization',
        in: 'header',
        description: 'Bearer KEY, with a key of the endpoint',
      },
    },
    definitions: {
      ExecutionRequest: {
        type: 'object',
        properties: {
          Inputs: ref('ExecutionInputs'),
          GlobalParameters: {
            type: 'object',
            properties: properties(schema.parameters),
            ...(requiredParameters.length > 0 ? { required: requiredParameters } : {}),
          },
        },
        required: ['Inputs', ...(requiredParameters.length > 0 ? ['GlobalParameters'] : [])],
        ...(endpoint.sampleData ? { example: samplesOf(found).swaggerForm } : {}),
      },
      ExecutionInputs: {
        type: 'object',
        properties: { [input]: { type: 'array', items: ref(item(input)) } },
        required: [input],
      },
      [item(input)]: {
        type: 'object',
        properties: properties(inputColumns(schema)),
        ...(required.length > 0 ? { required } : {}),
      },
      ExecutionResponse: { type: 'object', properties: { Results: ref('ExecutionResults') } },
      ExecutionResults: {
        type: 'object',
        properties: { [output]: { type: 'array', items: ref(item(output)) } },
      },
      [item(output)]: { type: 'object', properties: properties(outputColumns(schema)) },
      ErrorResponse: {
        type: 'object',
        properties: {
          error: {
            type: 'object',
            properties: {
              code: { type: 'string' },
              message: { type: 'string' },
              details: {
                type: 'array',
                items: {
                  type: 'object',
                  properties: { code: { type: 'string' }, message: { type: 'string' } },
                },
              },
            },
          },
        },
      },
    },
  };
}
