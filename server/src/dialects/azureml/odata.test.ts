import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebServiceSchema } from '@souk/contract';
import { identifiers, odataOperation } from './odata.operations.ts';

test('names that OData cannot write become ones that it can, each its own', () => {
  assert.deepEqual(identifiers(['Scored Labels', 'scored-labels', '5th']), [
    'Scored_Labels',
    'scored_labels_2',
    '_5th',
  ]);
  assert.match(identifiers(['Größe'])[0] ?? '', /^[A-Za-z_][A-Za-z0-9_]*$/);
});

const schema: WebServiceSchema = {
  input: {
    name: 'input1',
    columns: [
      { name: 'marital-status', type: 'String' },
      { name: 'age', type: 'Int32', default: '30' },
      { name: 'unit', type: 'String', default: 'cm', hidden: true },
      { name: 'scale', type: 'Double' },
    ],
  },
  output: {
    name: 'output1',
    columns: [
      { name: 'Scored Labels', type: 'String' },
      { name: 'p', type: 'Double' },
    ],
  },
  parameters: [{ name: 'scale', type: 'Double', column: 'scale', default: '1' }],
  sampleRows: [['single', '39', 'cm', '1']],
  sampleAnswer: [],
  rowsMax: 10,
};

test('Score has the columns that callers see and the global parameters; defaults make them optional', () => {
  const { operation, callOf, rowsOf } = odataOperation(schema, 'Income', '');
  assert.deepEqual(
    operation.parameters.map((p) => [p.name, p.title, p.type, p.default, p.sample]),
    [
      ['marital_status', 'marital-status', 'Edm.String', undefined, 'single'],
      ['age', undefined, 'Edm.Int32', '30', '39'],
      ['scale', undefined, 'Edm.Double', '1', undefined],
    ],
  );
  const call = callOf([
    { marital_status: 'single', scale: 2 },
    { marital_status: 'married', age: 40 },
  ]);
  assert.deepEqual(call, {
    table: {
      columnNames: ['marital-status', 'age'],
      values: [
        ['single', '30'],
        ['married', 40],
      ],
    },
    parameters: { scale: 2 },
  });
  assert.deepEqual(rowsOf([['>50K', '0.71']]), [{ Scored_Labels: '>50K', p: 0.71 }]);
});
