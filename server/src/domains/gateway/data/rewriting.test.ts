import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonRewriter, Nonsense } from './json-rewriter.ts';
import { newXmlRewriter, publicUrl, type Roots, withoutParameters } from './roots.ts';

const roots: Roots = {
  service: new URL('https://api.example.com/svc/odata'),
  public: 'https://souk.example/data/p/o/v1',
  secretParameter: undefined,
};
const secret = { ...roots, secretParameter: 'apikey' };

/** Cut after every so many bytes, and once at each place. */
function rewritten(text: string, isServiceDocument = false, cut = text.length) {
  const rewriter = new JsonRewriter((address) => publicUrl(address, roots), isServiceDocument);
  const bytes = Buffer.from(text);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += cut) parts.push(rewriter.push(bytes.subarray(at, at + cut)));
  rewriter.end();
  return { text: Buffer.concat(parts).toString(), records: rewriter.records };
}

const answer = `\ufeff {"@odata.context":"https://api.example.com/svc/odata/$metadata#Things", "value" : [
  {"@odata.id":"http:\\/\\/API.example.com\\/svc\\/odata\\/Things(1)","Name":"https://api.example.com/svc/odata/stays \\" \\u00e9 é","n":[1,2,[3]],"o":{"value":[1,2,3]}},
  {"@odata.id":"Things(2)","Photo@odata.mediaReadLink":"/svc/odata/Things(2)/Photo","url":"https://api.example.com/svc/odata/no"} ,
  -1.5e+3, null, true ],"@odata.nextLink":"https://api.example.com:443/svc/odata/Things?$skiptoken=a%20b&$top=2"}`;

test('addresses of the service become addresses of Souk, wherever the answer is cut, and nothing else changes', () => {
  const whole = rewritten(answer);
  const parsed = JSON.parse(whole.text) as { value: Record<string, unknown>[] } & Record<string, unknown>;
  assert.equal(parsed['@odata.context'], `${roots.public}/$metadata#Things`);
  assert.equal(parsed['@odata.nextLink'], `${roots.public}/Things?$skiptoken=a%20b&$top=2`);
  assert.equal(parsed.value[0]?.['@odata.id'], `${roots.public}/Things(1)`);
  assert.equal(parsed.value[0]?.Name, 'https://api.example.com/svc/odata/stays " é é');
  assert.equal(parsed.value[1]?.['@odata.id'], 'Things(2)');
  assert.equal(parsed.value[1]?.['Photo@odata.mediaReadLink'], `${roots.public}/Things(2)/Photo`);
  assert.equal(parsed.value[1]?.url, 'https://api.example.com/svc/odata/no');
  assert.equal(whole.records, 5);
  for (let cut = 1; cut < 60; cut++) assert.deepEqual(rewritten(answer, false, cut), whole, `cut ${cut}`);
});

test('rows are those of value, of d and d.results, or of an array alone; anything else is one', () => {
  for (const [text, records] of [
    ['{"value":[]}', 0],
    ['{"value":[{"value":[1,2]},{}]}', 2],
    ['{"@odata.count":9,"value":["a","b","c"],"other":[1,2,3,4]}', 3],
    ['{"d":{"results":[{},{}]}}', 2],
    ['{"d":[1,2,3]}', 3],
    ['[[],[1,2]]', 2],
    ['{"value":7}', 1],
    ['{"Id":1,"Tags":["a","b"]}', 1],
    ['"text"', 1],
    ['12', 1],
  ] as const)
    for (const cut of [1, 3, 100]) assert.equal(rewritten(text, false, cut).records, records, text);
});

test('the addresses of a service document are rewritten, and only there', () => {
  const text = '{"value":[{"name":"A","url":"https://api.example.com/svc/odata/A"},{"name":"B","url":"B"}]}';
  assert.match(rewritten(text, true).text, /"url":"https:\/\/souk\.example\/data\/p\/o\/v1\/A"/);
  assert.match(rewritten(text, true).text, /"url":"B"/);
  assert.equal(rewritten(text).text, text);
});

test('what is no JSON document is told from one', () => {
  for (const text of [
    '',
    ' ',
    '{',
    '{"a":1',
    '{"a"}',
    '{"a":1,}',
    '[1,]',
    '[1 2]',
    '{"a":1}{',
    '{"a":1} x',
    '"open',
    '"a\nb"',
    '<html>',
    '{a:1}',
    ']',
    '{"value":[1}',
    `{"@odata.id":"\\x"}`,
    '['.repeat(501),
    `{"@odata.context":"${'a'.repeat(70_000)}"}`,
  ])
    for (const cut of [1, 7, 100_000])
      assert.throws(() => rewritten(text, false, cut), Nonsense, `${text.slice(0, 40)} cut ${cut}`);
});

test('hosts and roots that only look alike stay as they are', () => {
  for (const other of [
    'https://api.example.com/svc/odata2/Things',
    'https://api.example.com/svc',
    'https://api.example.com:8443/svc/odata/Things',
    'https://api.example.com.evil.example/svc/odata/Things',
    '//api.example.com/svc/odata',
    'Things(1)',
    '$metadata#Things',
    'urn:x',
    '',
  ])
    assert.equal(publicUrl(other, roots), other);
  assert.equal(publicUrl('https://api.example.com/svc/odata', roots), roots.public);
});

test('the publisher’s credential is in no address that buyers see, and nothing else of a query changes', () => {
  assert.equal(
    publicUrl('https://api.example.com/svc/odata/T?%24top=1&apikey=s%20x&%61pikey=y&b=%2B+#f', secret),
    `${roots.public}/T?%24top=1&b=%2B+#f`,
  );
  assert.equal(publicUrl('T?apikey=s', secret), 'T');
  assert.equal(
    publicUrl('https://elsewhere.example/?apikey=s&x=1', secret),
    'https://elsewhere.example/?x=1',
  );
  assert.equal(
    withoutParameters('a=1&%24top=-1&key=k&=&b', (name) => name === 'key'),
    'a=1&%24top=-1&=&b',
  );
});

test('in XML the root is rewritten wherever it stands, cut anywhere, and entries are counted', () => {
  const xml = `<?xml version="1.0"?><feed xml:base="https://api.example.com/svc/odata/"><id>http://api.example.com/svc/odata/T?apikey=s&amp;a=1</id>
<entry><link href="https://API.EXAMPLE.com/svc/odata"/></entry><a:entry x="1"/><entryx/>https://api.example.com/svc/odata2</feed>`;
  for (const cut of [1, 5, 40, 10_000]) {
    const rewriter = newXmlRewriter(secret);
    const parts: Uint8Array[] = [];
    const bytes = Buffer.from(xml);
    for (let at = 0; at < bytes.length; at += cut) parts.push(rewriter.push(bytes.subarray(at, at + cut)));
    parts.push(rewriter.end());
    const text = Buffer.concat(parts).toString();
    assert.equal(
      text,
      xml
        .replace('https://api.example.com/svc/odata/"', `${roots.public}/"`)
        .replace('http://api.example.com/svc/odata/T?apikey=s&amp;', `${roots.public}/T?&amp;`)
        .replace('https://API.EXAMPLE.com/svc/odata"', `${roots.public}"`),
      `cut ${cut}`,
    );
    assert.equal(rewriter.records, 2);
  }
});
