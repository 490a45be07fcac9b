import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentFindings } from '@souk/contract';
import type { SoukError } from '../../platform/errors.ts';
import { callOperation } from './services.call.ts';
import { newIdentifiers } from './services.identifiers.ts';
import { readDescription } from './services.import.ts';

const openapi = `
openapi: 3.0.3
info: { title: Flats, version: '1' }
servers: [{ url: 'https://{host}/api', variables: { host: { default: flats.example } } }]
components:
  securitySchemes: { key: { type: apiKey, in: header, name: X-Api-Key } }
  schemas:
    Row:
      type: object
      properties:
        Scored Labels: { type: string }
        price: { type: number }
        where: { type: object, properties: { city: { type: string } } }
        tags: { type: array, items: { type: string } }
    Node: { type: object, properties: { next: { $ref: '#/components/schemas/Node' }, id: { type: integer } } }
paths:
  /flats/{flat-id}:
    parameters: [{ name: flat-id, in: path, required: true, schema: { type: string } }]
    get:
      operationId: get flat
      summary: One flat
      parameters:
        - { name: unit, in: query, schema: { type: string, enum: [eur, usd], default: eur } }
        - { name: since, in: query, schema: { type: string, format: date } }
        - { name: code, in: query, schema: { type: string, pattern: '(?=a)b' } }
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Row' } } } } }
  /score:
    post:
      operationId: score
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [Inputs]
              properties:
                Inputs:
                  type: object
                  required: [input1]
                  properties:
                    input1: { type: array, items: { type: object, required: [age], properties: { age: { type: integer, format: int32 }, job: { type: string } } } }
      responses:
        '200':
          description: ok
          content: { application/json: { schema: { type: object, properties: { count: { type: integer }, rows: { type: array, items: { $ref: '#/components/schemas/Row' } } } } } }
  /node: { get: { responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Node' } } } } } } }
  /picture: { get: { operationId: picture, responses: { '200': { description: ok, content: { image/png: {} } } } } }
`;

test('operations come out of OpenAPI with their names, types, places and rows', async () => {
  const read = await readDescription(openapi);
  assert.deepEqual(
    [read.format, read.title, read.url, read.authentication, read.operations.map((o) => o.name)],
    [
      'openapi',
      'Flats',
      'https://flats.example/api',
      { scheme: 'header', headerName: 'X-Api-Key' },
      ['get_flat', 'score', 'get_node'],
    ],
  );
  const [flat, score] = read.operations;
  assert.deepEqual(flat?.request, {
    method: 'GET',
    path: 'flats/{flat_id}?unit={unit}&since={since}&code={code}',
  });
  assert.deepEqual(
    flat?.parameters.map((p) => [p.name, p.title, p.type, p.nullable, p.default, p.values]),
    [
      ['flat_id', 'flat-id', 'Edm.String', undefined, undefined, undefined],
      ['unit', undefined, 'Edm.String', undefined, 'eur', ['eur', 'usd']],
      ['since', undefined, 'Edm.Date', true, undefined, undefined],
      ['code', undefined, 'Edm.String', true, undefined, undefined],
    ],
  );
  assert.deepEqual(
    [flat?.collection, flat?.columns.map((c) => [c.name, c.title, c.type, c.collection, c.path])],
    [
      false,
      [
        ['Scored_Labels', 'Scored Labels', 'Edm.String', undefined, undefined],
        ['price', undefined, 'Edm.Double', undefined, undefined],
        ['city', undefined, 'Edm.String', undefined, '$["where"]["city"]'],
        ['tags', undefined, 'Edm.String', true, undefined],
      ],
    ],
  );
  assert.deepEqual([score?.response.rows, score?.collection, score?.kind], ['$["rows"][*]', true, 'both']);
  const said = read.notes.map((n) => `${n.place}: ${n.message}`).join('\n');
  for (const note of [
    'flat-id is called flat_id',
    'pattern of code is left out',
    'list of records: one is sent',
    'image/png',
  ])
    assert.ok(said.includes(note), said);
});

test('what was imported can be called, and has nothing that the rules refuse', async () => {
  const { operations } = await readDescription(openapi);
  const service = {
    url: 'https://flats.example/api',
    authentication: { scheme: 'none' as const },
    operations,
  };
  const score = operations.find((o) => o.name === 'score');
  assert.ok(score);
  let sent: unknown;
  const { rows } = await callOperation(
    service,
    score,
    { Inputs_input1_age: 39 },
    {
      credential: null,
      fetch: async (url, init) => {
        sent = [url, JSON.parse(init.body ?? '')];
        return Response.json({
          count: 1,
          rows: [{ 'Scored Labels': 'dear', price: 2, where: { city: 'Bonn' }, tags: ['a'] }],
        });
      },
    },
  );
  assert.deepEqual(sent, [
    'https://flats.example/api/score',
    { Inputs: { input1: [{ age: 39, job: null }] } },
  ]);
  assert.deepEqual(rows, [{ Scored_Labels: 'dear', price: 2, city: 'Bonn', tags: ['a'] }]);
  const findings = documentFindings({ service }, { type: 'web-service' });
  assert.deepEqual(
    findings.filter((f) => f.pointer?.startsWith('/service/operations')),
    [],
  );
});

test('operations come out of Swagger 2 as JSON', async () => {
  const read = await readDescription(
    JSON.stringify({
      swagger: '2.0',
      info: { title: 'S', version: '1' },
      host: 's.example',
      basePath: '/v1',
      schemes: ['https'],
      securityDefinitions: { b: { type: 'basic' } },
      paths: {
        '/score': {
          post: {
            operationId: 'score',
            parameters: [
              {
                in: 'body',
                name: 'b',
                schema: {
                  type: 'object',
                  required: ['a'],
                  properties: { a: { type: 'integer', format: 'int32' } },
                },
              },
            ],
            responses: {
              200: {
                description: 'ok',
                schema: { type: 'array', items: { type: 'object', properties: { p: { type: 'number' } } } },
              },
            },
          },
        },
      },
    }),
  );
  assert.deepEqual(
    [read.format, read.url, read.authentication],
    ['swagger', 'https://s.example/v1', { scheme: 'basic' }],
  );
  assert.deepEqual(
    [
      read.operations[0]?.request.body,
      read.operations[0]?.response.rows,
      read.operations[0]?.parameters[0]?.type,
    ],
    ['{"a": {a}}', '$[*]', 'Edm.Int32'],
  );
});

const mapping = `<?xml version="1.0" encoding="utf-8"?>
<Schema Namespace="S" xmlns="http://schemas.microsoft.com/ado/2009/08/edm" xmlns:d="http://schemas.microsoft.com/dallas/2010/04">
  <EntityContainer Name="C">
    <FunctionImport name="Search Flats" EntitySet="Flats" ReturnType="Collection(S.Flat)" d:AllowedHttpMethods=“GET|POST”
      d:BaseUri="https://flats.example/find/{City}?unit={unit}&amp;key=fixed&amp;skip={$skip}&amp;take={$take}" d:Paging="SkipTake" d:MaxPageSize="50" d:EncodeParameterValues="true">
      <Parameter Name="city" Type="String" Mode="In" Nullable="true" d:SampleValues="Bonn|Ulm" d:Regex="^[A-Z]" MaxLength="20"/>
      <Parameter Name="unit" Type="Edm.String" d:enum="eur|usd" d:Nullable="true"/>
      <d:Headers><d:Header d:Name="Accept" d:Value="application/xml"/></d:Headers>
      <d:Namespaces><d:Namespace d:Prefix="f" d:Uri="urn:f"/></d:Namespaces>
      <d:ErrorHandling><d:Condition d:Match="/f:error" d:HttpStatusCode="422" d:ErrorMessage="No such city."/></d:ErrorHandling>
    </FunctionImport>
    <FunctionImport Name="Picture" ReturnType="Raw(image/jpeg)" d:BaseUri="https://flats.example/p"/>
    <FunctionImport Name="Elsewhere" ReturnType="Collection(S.Flat)" d:BaseUri="https://other.example/p"/>
  </EntityContainer>
  <EntityType Name="Flat" d:Map="/f:flats/f:flat"><Property Name="id" Type="Int32" Nullable="false" d:IsPrimaryKey="True" d:Map="./@id"/>
    <Property Name="Built At" Type="DateTime" d:Map="f:built"/><Property Name="page" Type="Byte" d:Map="/f:flats/@page"/></EntityType>
</Schema>`;

test('a CSDL mapping gives operations that are called as it says, in whatever case and quotes it was written', async () => {
  const read = await readDescription(mapping);
  assert.deepEqual(
    [read.format, read.url, read.operations.length],
    ['csdl-mapping', 'https://flats.example', 1],
  );
  const [search] = read.operations;
  assert.ok(search);
  assert.deepEqual(
    [search.name, search.title, search.kind, search.paging],
    ['Search_Flats', 'Search Flats', 'function', { kind: 'skip-take', sizeMax: 50 }],
  );
  assert.deepEqual(search.parameters, [
    { name: 'city', type: 'Edm.String', sample: 'Bonn', pattern: '^[A-Z]', lengthMax: 20 },
    { name: 'unit', type: 'Edm.String', nullable: true, values: ['eur', 'usd'] },
  ]);
  let url = '';
  const { rows } = await callOperation(
    { url: read.url ?? '' },
    search,
    { city: 'Bonn' },
    {
      credential: null,
      top: 2,
      fetch: async (asked) => {
        url = asked;
        return new Response(
          '<flats xmlns="urn:f" page="3"><flat id="7"><built>2020-01-01T00:00:00</built></flat></flats>',
        );
      },
    },
  );
  assert.equal(url, 'https://flats.example/find/Bonn?key=fixed&skip=0&take=3');
  assert.deepEqual(rows, [{ id: 7, Built_At: '2020-01-01T00:00:00.000Z', page: 3 }]);
  const said = read.notes.map((n) => `${n.place}: ${n.message}`).join('\n');
  for (const note of [
    'Curly quotes',
    'Raw(image/jpeg)',
    'https://other.example',
    'Built At is called Built_At',
  ])
    assert.ok(said.includes(note), said);
});

for (const [what, text, problem] of [
  ['nothing that is known', '{"a": 1}', /openapi/],
  ['no object', '[1]', /no object/],
  ['broken YAML', 'a: [', /./],
  [
    'a reference to elsewhere',
    'openapi: 3.0.0\ninfo: {title: a, version: "1"}\npaths: {/a: {$ref: "http://169.254.169.254/x"}}',
    /169\.254/,
  ],
  [
    'a file on this machine',
    'openapi: 3.0.0\ninfo: {title: a, version: "1"}\npaths: {/a: {$ref: "file:///etc/passwd"}}',
    /etc\/passwd/,
  ],
  [
    'YAML that grows without end',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((c, i, all) => `${c}: &${c} [${`*${i ? all[i - 1] : 'a'},`.repeat(9)}]`)
      .join('\n')}\nopenapi: 3.0.0`,
    /alias/i,
  ],
  ['entities', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Schema>&x;</Schema>', /DOCTYPE/],
  ['XML of something else', '<html/>', /FunctionImport/],
] as const)
  test(`a description of ${what} is refused in words`, async () => {
    await assert.rejects(readDescription(text), (error: SoukError) => {
      assert.equal(error.code, 'service.import_unreadable');
      assert.match(JSON.stringify(error.params), problem);
      return true;
    });
  });

test('one name gives one identifier, and no two the same', () => {
  const identifiers = newIdentifiers();
  assert.deepEqual(
    ['Scored Labels', 'scored-labels', 'Scored Labels', '2nd', 'café', '', 'marital-status', '$'].map(
      (name) => identifiers(name),
    ),
    ['Scored_Labels', 'scored_labels_2', 'Scored_Labels', '_2nd', 'cafe', '_', 'marital_status', '__2'],
  );
});
