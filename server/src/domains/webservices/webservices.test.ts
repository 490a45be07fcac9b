import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebServiceSchema } from '@souk/contract';
import { SoukError } from '../../platform/errors.ts';
import { CsvReader, csvLine, readCsv } from './webservices.csv.ts';
import { answerRows, modelCall } from './webservices.rows.ts';
import { checkSchema, inferSchema, type ModelFacts, wireOf } from './webservices.schema.ts';
import { problemOf, typedCell } from './webservices.values.ts';

const facts = (more: Partial<ModelFacts>): ModelFacts => ({
  name: 'iris',
  onnx: null,
  inputs: [],
  outputs: [],
  attributes: [],
  contentTypes: { input: ['text/csv'], output: ['text/csv'] },
  ...more,
});
const codeOf = (work: () => unknown) => {
  try {
    work();
    return 'done';
  } catch (error) {
    return error instanceof SoukError ? error.code : String(error);
  }
};

test('of a container, whose file declares nothing, the samples say the columns', () => {
  const schema = inferSchema(
    facts({
      inputs: ['5.5,3.4\n6,2\n'],
      outputs: ['{"label": ["a", "b"], "probabilities": [[1, 0], [0, 1]], "sure": [true, false]}'],
      attributes: [
        { name: 'trace', description: 'An id' },
        { name: 'unit', required: true },
      ],
    }),
    10,
  );
  assert.deepEqual(
    schema.input.columns.map((c) => `${c.name} ${c.type}`),
    ['Col1 Double', 'Col2 Double'],
  );
  assert.deepEqual(
    schema.output.columns.map((c) => `${c.name} ${c.type}`),
    ['label String', 'probabilities_1 Double', 'probabilities_2 Double', 'sure Boolean'],
  );
  assert.deepEqual(schema.sampleAnswer[1], ['b', '0', '1', 'false']);
  assert.deepEqual(schema.parameters, [
    { name: 'trace', type: 'String', description: 'An id', default: '' },
    { name: 'unit', type: 'String' },
  ]);
  assert.equal(
    codeOf(() => inferSchema(facts({ inputs: ['1,2\n3\n'] }), 10)),
    'web_service.schema_unknown',
  );
});

test('rows go as CSV where the model speaks it, else as JSON under the name that its sample shows', () => {
  const json = { input: ['application/json'], output: ['application/json; charset=utf-8'] };
  assert.deepEqual(wireOf(facts({})), { format: 'csv', inputKey: null });
  assert.deepEqual(wireOf(facts({ contentTypes: json, inputs: ['{"features": [[1]]}'] })), {
    format: 'json',
    inputKey: 'features',
  });
  assert.deepEqual(wireOf(facts({ contentTypes: json, inputs: ['{"instances": [[1]]}'] })).inputKey, null);
  const images = { input: ['image/png'], output: ['application/json'] };
  assert.equal(
    codeOf(() => wireOf(facts({ contentTypes: images }))),
    'web_service.model_unsuitable',
  );
});

const schema: WebServiceSchema = {
  input: {
    name: 'input1',
    columns: [
      { name: 'n', type: 'Int64' },
      { name: 's', type: 'String', nullable: true },
      { name: 'b', type: 'Boolean' },
      { name: 'd', type: 'Double', nullable: true },
    ],
  },
  output: {
    name: 'output1',
    columns: [
      { name: 'x', type: 'Double' },
      { name: 'y', type: 'String' },
    ],
  },
  parameters: [],
  sampleRows: [],
  sampleAnswer: [],
  rowsMax: 10,
};
const table = { columnNames: ['n', 's', 'b', 'd'], values: [['9007199254740993', 'a,"b"', 'True', null]] };

test('numbers of 64 bits, texts with commas and missing numbers reach the model as they are', () => {
  const csv = modelCall({ schema, wire: { format: 'csv', inputKey: null } }, table, {});
  assert.equal(csv.body, '9007199254740993,"a,""b""",true,NaN\n');
  const json = modelCall({ schema, wire: { format: 'json', inputKey: null } }, table, {});
  assert.equal(json.body, '{"instances":[[9007199254740993,"a,\\"b\\"",true,"NaN"]]}');
});

test('an answer of another number of rows or columns is refused, in every form that models answer', () => {
  const read = (type: string, text: string, rows = 1) => answerRows(schema, type, text, rows);
  const expected = [['0.5', 'a']];
  assert.deepEqual(read('text/csv', '0.5,a\n'), expected);
  assert.deepEqual(read('application/json', '{"x": [0.5], "y": ["a"]}'), expected);
  assert.deepEqual(read('application/json', '{"predictions": [{"x": 0.5, "y": "a"}]}'), expected);
  assert.deepEqual(read('application/json', '[[0.5, "a"]]'), expected);
  assert.throws(() => read('text/csv', '0.5,a\n', 2), /1 rows to 2/);
  assert.throws(() => read('text/csv', '0.5\n'), /row 1 of its answer has 1 columns/);
  assert.throws(() => read('application/json', '{'), /not JSON/);
});

test('a schema that does not fit is refused by its place', () => {
  const placed = (
    change: Partial<WebServiceSchema>,
    widths = { input: 4 as number | null, output: 2 as number | null },
  ) => {
    try {
      checkSchema({ ...schema, ...change }, widths);
      return 'fits';
    } catch (error) {
      return (error as SoukError).params.place;
    }
  };
  const columns = schema.input.columns;
  const input = (c: typeof columns) => ({ input: { name: 'input1', columns: c } });
  assert.equal(placed({}), 'fits');
  assert.equal(placed(input(columns.slice(1))), '/input/columns');
  assert.equal(placed(input(columns.map((c) => ({ ...c, name: 'n' })))), '/input/columns/1/name');
  assert.equal(
    placed(input(columns.map((c, i) => (i === 1 ? { ...c, hidden: true } : c)))),
    '/input/columns/1/default',
  );
  assert.equal(
    placed({
      output: { name: 'output1', columns: schema.output.columns.map((c) => ({ ...c, hidden: true })) },
    }),
    '/output/columns',
  );
  assert.equal(placed({ parameters: [{ name: 'p', type: 'String', column: 'q' }] }), '/parameters/0/column');
  assert.equal(placed({ parameters: [{ name: 'a b', type: 'String' }] }), '/parameters/0/name');
  assert.equal(placed({ sampleRows: [['1']] }), '/sampleRows/0');
});

test('cells are held against their type', () => {
  assert.equal(problemOf('Int32', '2147483648'), 'does not fit into Int32');
  assert.equal(problemOf('Int64', '-9223372036854775808'), undefined);
  assert.equal(problemOf('Double', '1e-3'), undefined);
  assert.equal(problemOf('Double', '0x10'), 'is no number');
  assert.equal(problemOf('Boolean', 'yes'), 'is neither True nor False');
  assert.equal(problemOf('DateTime', '2026-02-30x'), 'is no date');
  assert.equal(problemOf('DateTime', '2026-11-21T19:00:00Z'), undefined);
  assert.deepEqual(
    [
      typedCell({ type: 'Double' }, 'NaN'),
      typedCell({ type: 'Int64' }, '9007199254740993'),
      typedCell({ type: 'Boolean' }, 'False'),
    ],
    [Number.NaN, '9007199254740993', false],
  );
});

test('CSV is read piece by piece, with the line that each row begins on', () => {
  const text = 'a,"b\r\nc"\r\n\n"x""y",\n1,2';
  const reader = new CsvReader();
  const found = [...text].flatMap((c) => reader.read(c));
  assert.deepEqual([...found, ...reader.end()], readCsv(text));
  assert.deepEqual(readCsv(text), [
    { cells: ['a', 'b\r\nc'], line: 1 },
    { cells: ['x"y', ''], line: 4 },
    { cells: ['1', '2'], line: 5 },
  ]);
  assert.throws(() => readCsv('"a'), /not closed/);
  assert.equal(csvLine([null]), '""\n');
});
