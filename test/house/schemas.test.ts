import { test } from 'node:test';
import { type Operation, operations } from '@souk/contract';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

test('every schema of the contract compiles: the server compiles one only when it is first needed', () => {
  const ajv = new Ajv({ allErrors: true, strict: false });
  formats.default(ajv);
  for (const operation of Object.values(operations) as Operation[])
    for (const part of ['params', 'query', 'body', 'output'] as const) {
      const schema = operation[part];
      if (!schema) continue;
      try {
        ajv.compile(schema);
      } catch (error) {
        throw new Error(`${part} of ${operation.id}: ${(error as Error).message}`);
      }
    }
});
