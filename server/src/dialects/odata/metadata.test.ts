import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { ask, newTestFace, root } from '../../../test/odata.ts';

interface Message {
  readonly message: string;
}
type Xml2Json = (xml: string, options: { messages: Message[] }) => Record<string, unknown>;
const require = createRequire(import.meta.url);
const { xml2json } = require('odata-csdl') as { xml2json: Xml2Json };
interface Named {
  readonly name: string;
  readonly type: string;
}
/** What is looked at of the second reader's model; its own types are in a package that it does not bring. */
const { parse } = require('@sap-ux/edmx-parser') as {
  parse(xml: string): {
    schema: {
      entityTypes: (Named & { keys: Named[] })[];
      entitySets: (Named & { entityTypeName: string })[];
      actionImports: Named[];
      actions: (Named & { isFunction: boolean; parameters: Named[] })[];
    };
  };
};
const csdlSchema = require('odata-csdl/schemas/csdl.schema.json') as object;

const face = newTestFace({ description: 'Income <of> "adults" & others' });
const xml = (await ask(face, '$metadata')).text;
const asJson = { headers: { Accept: 'application/json' } };
// biome-ignore lint/suspicious/noExplicitAny: the test looks into the document.
const json: any = (await ask(face, '$metadata', asJson)).json;

/** Without references: those of XML name .xml and those of JSON .json files. */
const withoutReferences = ({ $Reference: _, ...rest }: Record<string, unknown>) => rest;

describe('$metadata', () => {
  test('is XML without Accept, with */* and with what Power Query sends, and JSON on request only', async () => {
    const powerQuery =
      'application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,application/xml;q=0.7';
    for (const [accept, type] of [
      [undefined, 'application/xml'],
      ['*/*', 'application/xml'],
      ['application/xml', 'application/xml'],
      ['application/xml,application/json;q=0.5', 'application/xml'],
      ['application/json', 'application/json;odata.metadata=minimal'],
      [powerQuery, 'application/xml'],
    ] as const) {
      const got = await ask(face, '$metadata', { headers: accept ? { Accept: accept } : {} });
      assert.equal(got.status, 200);
      assert.equal(got.headers.get('Content-Type'), type, accept);
      assert.equal(got.headers.get('OData-Version'), '4.0');
    }
    assert.match((await ask(face, '$metadata?$format=json')).text, /^\{"\$Version"/);
    assert.match((await ask(face, '$metadata?$format=xml', asJson)).text, /^<\?xml/);
    assert.equal((await ask(face, '$metadata', { headers: { Accept: 'image/png' } })).status, 406);
    assert.equal((await ask(face, '$metadata?$format=atom')).status, 415);
  });

  test('is read by the converter of OASIS without a message, and is the same document as the JSON', () => {
    const messages: Message[] = [];
    const converted = xml2json(xml, { messages });
    assert.deepEqual(messages, []);
    const ours = JSON.parse(JSON.stringify(withoutReferences(json)).replaceAll('.V1.json#', '.V1.xml#'));
    assert.deepEqual(withoutReferences(converted), ours);
  });

  test('is valid by the JSON schema of OASIS in both forms', () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(csdlSchema);
    for (const document of [json, xml2json(xml, { messages: [] })])
      assert.ok(validate(document), JSON.stringify(validate.errors));
  });

  test('is read by a second reader: types with keys, functions, actions and sets', () => {
    const { schema } = parse(xml);
    assert.deepEqual(
      schema.entityTypes.map(({ name, keys }) => [name, keys.map((key) => key.name)]),
      [
        ['ScoreRow', ['RowId']],
        ['TownsRow', ['Id']],
        ['PickRow', ['RowId']],
      ],
    );
    assert.deepEqual(
      schema.entitySets.map(({ name, entityTypeName }) => [name, entityTypeName]),
      [['Towns', 'Acme.Income.TownsRow']],
    );
    assert.deepEqual(schema.actionImports.map(({ name }) => name).sort(), [
      'Pick',
      'Score',
      'ScoreBatch',
      'ScorePost',
    ]);
    const score = schema.actions.find(({ name }) => name === 'Score');
    assert.ok(score?.isFunction);
    assert.deepEqual(
      score.parameters.map(({ name, type }) => [name, type]),
      [
        ['age', 'Edm.Int32'],
        ['workclass', 'Edm.String'],
        ['marital_status', 'Edm.String'],
        ['bonus', 'Edm.Decimal'],
      ],
    );
  });

  test('keeps original names, descriptions, choices, defaults and samples as annotations', () => {
    const schema = json['Acme.Income'];
    assert.equal(schema['@Core.Description'], 'Income <of> "adults" & others');
    assert.equal(schema.ScoreRow.Scored_Labels['@Acme.Income.OriginalName'], 'Scored Labels');
    assert.equal(schema.ScoreRow.Scored_Labels['@Core.Description'], '>50K or <=50K');
    const [age, workclass, status] = schema.Score[0].$Parameter;
    assert.deepEqual(age['@Core.Example'], {
      '@odata.type':
        'https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1.json#Core.PrimitiveExampleValue',
      Value: '39',
    });
    assert.deepEqual(
      workclass['@Validation.AllowedValues'].map(({ Value }: { Value: string }) => Value),
      ['Private', 'State-gov', "Own 'inc'"],
    );
    assert.deepEqual(status['@Core.OptionalParameter'], { DefaultValue: 'Never-married' });
  });

  test('names that are taken are not given twice', async () => {
    const columns = [{ name: 'RowId', type: 'Edm.String' as const }];
    const operation = { kind: 'both' as const, collection: true, batch: true, columns };
    const parameters = [{ name: 'a', type: 'Edm.String' as const }];
    const crowded = newTestFace({
      operations: ['A', 'ARow', 'APost', 'ABatch', 'AInput', 'Container', 'OriginalName'].map((name) => ({
        ...operation,
        name,
        parameters,
      })),
    });
    const messages: Message[] = [];
    const document = (await ask(crowded, '$metadata')).text;
    xml2json(document, { messages });
    assert.deepEqual(messages, []);
    const names = [
      ...document.matchAll(/<(?:EntityType|ComplexType|Function|Action|Term|EntityContainer) Name="(\w+)"/g),
    ];
    assert.equal(new Set(names.map(([, name]) => name)).size, names.length);
    assert.match(document, /<PropertyRef Name="RowId_"\/>/);
  });

  test('what XML cannot hold is left out of it', async () => {
    const odd = newTestFace({ description: 'a\u0000b\u0008c\ud800d <&>"' });
    const messages: Message[] = [];
    xml2json((await ask(odd, '$metadata')).text, { messages });
    assert.deepEqual(messages, []);
  });
});

describe('the service document', () => {
  test('lists tables, and functions without values, and nothing else', async () => {
    const got = await ask(face, '');
    assert.equal(got.headers.get('Content-Type'), 'application/json;odata.metadata=minimal');
    assert.deepEqual(got.json, {
      '@odata.context': `${root}/$metadata`,
      value: [{ name: 'Towns', kind: 'EntitySet', url: 'Towns' }],
    });
    assert.deepEqual(Object.keys((await ask(face, '/?$format=application/json;odata.metadata=none')).json), [
      'value',
    ]);
  });
});
