import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProductDocument } from './document.ts';
import { completeness, type DocumentContext, documentFindings } from './document-rules.ts';
import { credentialProblem } from './service-rules.ts';
import type { ServiceOperation, ServiceSection } from './services.ts';

const operation: ServiceOperation = {
  name: 'Score',
  kind: 'function',
  parameters: [{ name: 'age', type: 'Edm.Int32' }],
  columns: [{ name: 'p', type: 'Edm.Double' }],
  collection: true,
  request: { method: 'GET', path: 'score?age={age}' },
  response: { format: 'json', rows: '$[*]' },
};
const good: ServiceSection = {
  url: 'https://svc.example/api',
  authentication: { scheme: 'header', headerName: 'Authorization', credentialId: 'crd_1' },
  operations: [operation],
  sample: { operation: 'Score', arguments: { age: 39 } },
};

const found = (
  service: ServiceSection,
  document: ProductDocument = {},
  context: DocumentContext = { plainHttp: false },
) =>
  documentFindings({ ...document, service }, { type: 'web-service', ...context }).filter((f) =>
    /^\/(service|versions)/.test(f.pointer ?? ''),
  );
const codes = (...given: Parameters<typeof found>) => found(...given).map((f) => `${f.pointer} ${f.code}`);
const withOperation = (over: Partial<ServiceOperation>): ServiceSection => ({
  ...good,
  operations: [{ ...operation, ...over }],
});

test('a described service, and an OData one without operations, have nothing to mend; versions are not asked for', () => {
  assert.deepEqual(codes(good), []);
  const { operations: _, ...odata } = good;
  assert.deepEqual(codes({ ...odata, isOData: true, sample: { operation: "Score(age=39,job='a')" } }), []);
  const sections = completeness([], 'web-service').map((c) => c.section);
  assert.ok(sections.includes('service') && !sections.includes('versions'));
  assert.ok(!completeness([], 'algorithm').some((c) => c.section === 'service'));
});

test('a service of nothing is told what it lacks', () => {
  assert.deepEqual(codes({}), [
    '/service/url document.missing',
    '/service/authentication/scheme document.missing',
    '/service/operations document.too_few',
    '/service/sample document.missing',
  ]);
});

for (const [what, service, expected] of [
  ['no address', { url: 'ftp://x' }, '/service/url document.url'],
  ['a password in the address', { url: 'https://me:pw@x.example/' }, '/service/url service.url_credentials'],
  ['a query in the address', { url: 'https://x.example/?key=1' }, '/service/url service.url_query'],
  ['http', { url: 'http://x.example/' }, '/service/url service.not_encrypted'],
  [
    'a header that begins another line',
    { authentication: { scheme: 'header', headerName: 'X-Key\r\nX-Evil', credentialId: 'c' } },
    '/service/authentication/headerName service.authentication',
  ],
  [
    'a header that frames the message',
    { authentication: { scheme: 'header', headerName: 'Transfer-Encoding', credentialId: 'c' } },
    '/service/authentication/headerName service.authentication',
  ],
  [
    'a header that says where the call has been',
    { authentication: { scheme: 'header', headerName: 'Via', credentialId: 'c' } },
    '/service/authentication/headerName service.authentication',
  ],
  [
    'a query parameter of blanks',
    { authentication: { scheme: 'query', parameterName: 'a b', credentialId: 'c' } },
    '/service/authentication/parameterName service.authentication',
  ],
  [
    'a user name with a colon',
    { authentication: { scheme: 'basic', userName: 'a:b', credentialId: 'c' } },
    '/service/authentication/userName service.authentication',
  ],
  [
    'no credential',
    { authentication: { scheme: 'header', headerName: 'Authorization' } },
    '/service/authentication/credentialId service.credential_missing',
  ],
  [
    'a sample of another operation',
    { sample: { operation: 'Price' } },
    '/service/sample/operation service.sample_operation',
  ],
  [
    'a sample without a value',
    { sample: { operation: 'Score' } },
    '/service/sample/arguments service.sample_arguments',
  ],
  [
    'a sample that leaves the root',
    { isOData: true, operations: [], sample: { operation: '../admin' } },
    '/service/sample/operation service.sample_path',
  ],
  [
    'a sample elsewhere',
    { isOData: true, operations: [], sample: { operation: 'https://evil.example/' } },
    '/service/sample/operation service.sample_path',
  ],
  [
    'an origin with a path',
    { corsOrigins: ['https://a.example/x'] },
    '/service/corsOrigins/0 service.origin',
  ],
] as const satisfies readonly (readonly [string, ServiceSection, string])[])
  test(`${what} is found in a service`, () => {
    assert.deepEqual(codes({ ...good, ...service } as ServiceSection), [expected]);
  });

for (const [what, over, expected] of [
  ['two operations of one name', undefined, '/service/operations/1/name service.duplicate_name'],
  [
    'a name that no address can carry',
    { columns: [{ name: 'Scored Labels', type: 'Edm.String' }] },
    '/columns/0/name service.identifier',
  ],
  [
    'a placeholder without a parameter',
    { request: { method: 'GET', path: 'x?age={age}&j={Job}' } },
    '/request/path service.placeholder',
  ],
  [
    'a parameter that goes nowhere',
    { request: { method: 'GET', path: 'x' } },
    '/parameters/0/name service.parameter_unused',
  ],
  [
    'a path that leaves the root',
    { request: { method: 'GET', path: '../x?a={age}' } },
    '/request/path service.request_path',
  ],
  [
    'a path to elsewhere',
    { request: { method: 'GET', path: 'https://evil.example/{age}' } },
    '/request/path service.request_path',
  ],
  [
    'a header of two lines',
    { request: { method: 'GET', path: '{age}', headers: [{ name: 'X-A', value: 'a\r\nX-B: c' }] } },
    '/request/headers/0 service.request_header',
  ],
  [
    'a body of a GET',
    { request: { method: 'GET', path: '{age}', body: 'x' } },
    '/request/body service.request_body',
  ],
  [
    'paging that is not in the request',
    { paging: { kind: 'skip-take', sizeMax: 10 } },
    '/paging service.paging',
  ],
  [
    'a placeholder of other paging',
    { request: { method: 'GET', path: '{age}?s={$skip}' } },
    '/request/path service.placeholder',
  ],
  ['rows that are nowhere', { response: { format: 'json' } }, '/response/rows service.rows_missing'],
  [
    'a path with a pattern',
    { response: { format: 'json', rows: "$[?match(@.a,'(a+)+')]" } },
    '/response/rows service.path',
  ],
  [
    'a path that searches twice',
    { response: { format: 'json', rows: '$..a..b' } },
    '/response/rows service.path',
  ],
  [
    'an XPath that searches for each node',
    { response: { format: 'xml', rows: '//a[//b]' } },
    '/response/rows service.path',
  ],
  [
    'an XPath that looks around',
    { response: { format: 'xml', rows: '/a/b/following::c' } },
    '/response/rows service.path',
  ],
  ['no columns', { columns: [] }, '/columns document.too_few'],
  [
    'a pattern that looks ahead',
    { parameters: [{ name: 'age', type: 'Edm.Int32', pattern: '(?=a)' }] },
    '/parameters/0/pattern service.pattern',
  ],
  [
    'a pattern that is none',
    { parameters: [{ name: 'age', type: 'Edm.Int32', pattern: '(' }] },
    '/parameters/0/pattern service.pattern',
  ],
  [
    'a default outside its values',
    { parameters: [{ name: 'age', type: 'Edm.Int32', values: ['1'], default: '2' }] },
    '/parameters/0/default service.value',
  ],
] as const satisfies readonly (readonly [string, Partial<ServiceOperation> | undefined, string])[])
  test(`${what} is found in an operation`, () => {
    const service = over
      ? withOperation(over as Partial<ServiceOperation>)
      : { ...good, operations: [operation, { ...operation, name: 'SCORE' }] };
    const [first] = codes(service);
    assert.equal(first, over ? `/service/operations/0${expected}` : expected);
  });

test('http is a warning where the operator allows networks, and nothing at all for Souk itself', () => {
  const http = { ...good, url: 'http://127.0.0.1:8080/odata/x' };
  assert.equal(found(http, {}, { plainHttp: true })[0]?.severity, 'warning');
  assert.deepEqual(codes(http, {}, { plainHttp: false, ownOrigin: 'http://127.0.0.1:8080' }), []);
});

test('versions in a web service are refused', () => {
  assert.deepEqual(codes(good, { versions: [{ number: '1.0.0' }] }), ['/versions service.versions']);
});

test('a credential that would begin another header is none', () => {
  for (const secret of ['', '  ', 'Bearer a\r\nX-Evil: 1', 'a\nb', 'a\u0000b', ' a', 'ключ'])
    assert.ok(credentialProblem('header', secret), JSON.stringify(secret));
  assert.equal(credentialProblem('header', 'Bearer abc+/='), undefined);
  assert.equal(credentialProblem('basic', 'пароль'), undefined);
  assert.ok(credentialProblem('none', 'x'));
});

for (const name of ['Via', 'Souk-Buyer', 'Accept-Encoding', 'X-Request-Id'])
  test(`a header ${name}, which is Souk’s own, is found in an operation`, () => {
    const request = { method: 'GET' as const, path: '?a={age}', headers: [{ name, value: 'x' }] };
    const [operation] = good.operations ?? [];
    assert.ok(operation);
    assert.ok(
      codes({ ...good, operations: [{ ...operation, request }] }).includes(
        '/service/operations/0/request/headers/0 service.request_header',
      ),
    );
  });
