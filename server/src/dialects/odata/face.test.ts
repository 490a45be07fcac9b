import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceFailure } from '@souk/contract';
import { ask, newTestFace, post, root } from '../../../test/odata.ts';

const context = `${root}/$metadata`;
const scored = {
  '@odata.context': `${context}#Acme.Income.ScoreRow`,
  '@odata.id': null,
  RowId: 1,
  Scored_Labels: '<=50K',
  Scored_Probabilities: 0.39,
};

describe('a function', () => {
  test('takes its values in parentheses, by alias and as options, with the same answer', async () => {
    for (const path of [
      "Score(age=39,workclass='Private')",
      "/Score(age=39,workclass='Private')",
      "Score(workclass='Private',age=39)",
      'Score(age=%2039%20,%20workclass=%27Private%27)',
      "Score(age=@a,workclass=@w)?@a=39&@w='Private'",
      "Score(age=@a,workclass='Private')?%40a=39",
      "Score?age=39&workclass='Private'",
      "Score()?age=39&workclass='Private'",
    ]) {
      const face = newTestFace();
      const got = await ask(face, path);
      assert.deepEqual([got.status, got.json, got.records, got.operation], [200, scored, 1, 'Score'], path);
      assert.deepEqual(face.asked[0]?.args, {
        age: 39,
        workclass: 'Private',
        marital_status: 'Never-married',
        bonus: null,
      });
    }
  });

  test('understands quotes that are doubled, slashes and encoded quotes in texts', async () => {
    const face = newTestFace();
    for (const path of [
      "Score(age=1,workclass='Own ''inc''',marital_status='a/b,c=(d)')",
      'Score(age=1,workclass=%27Own%20%27%27inc%27%27%27,marital_status=%27a%2Fb%2Cc%3D(d)%27)',
    ]) {
      assert.equal((await ask(face, path)).status, 200, path);
      assert.deepEqual(face.asked.at(-1)?.args.workclass, "Own 'inc'");
      assert.deepEqual(face.asked.at(-1)?.args.marital_status, 'a/b,c=(d)');
    }
  });

  test('takes lists as JSON by an alias, and null', async () => {
    const face = newTestFace();
    const got = await ask(face, 'Pick(ids=@i,since=null)?@i=[1,3]&$select=Name');
    assert.equal(got.json['@odata.context'], `${context}#Collection(Acme.Income.PickRow)(Name)`);
    assert.deepEqual(
      got.json.value.map(({ Name }: { Name: string }) => Name),
      ["L'Aquila", 'Town 2'],
    );
    assert.deepEqual(face.asked[0]?.args, { ids: [1, 3], since: null });
    assert.equal((await ask(face, 'Pick?ids=[2]&since=2026-01-31')).records, 1);
  });

  test('keeps every digit of Int64 and Decimal', async () => {
    const face = newTestFace();
    await ask(face, "Score(age=1,workclass='Private',bonus=12345678901234567890.125)");
    assert.equal(face.asked[0]?.args.bonus, '12345678901234567890.125');
    const row = 'Towns(4)?$select=People,Area';
    assert.match((await ask(face, row)).text, /"People":9007199254740993,"Area":3.5\}/);
    const exact = await ask(face, row, { headers: { Accept: 'application/json;IEEE754Compatible=true' } });
    assert.match(exact.text, /"People":"9007199254740993","Area":"3.5"\}/);
    assert.equal(
      exact.headers.get('Content-Type'),
      'application/json;odata.metadata=minimal;IEEE754Compatible=true',
    );
  });

  const refused: [string, string, number, string, RegExp][] = [
    ['a text that is not one', "Score(age=1,workclass='C'1')", 400, 'odata.malformed_literal', /position 27/],
    [
      'a text without quotes',
      'Score(age=1,workclass=Private)',
      400,
      'odata.malformed_literal',
      /single quotes/,
    ],
    ['the same as an option', 'Score?age=1&workclass=Private', 400, 'odata.malformed_literal', /'text'/],
    [
      'a text for a number',
      "Score(age='39',workclass='Private')",
      400,
      'odata.wrong_type',
      /age is Edm.Int32/,
    ],
    ['a fraction for an integer', "Score(age=39.5,workclass='Private')", 400, 'odata.wrong_type', /age/],
    ['a number beyond the type', "Score(age=2147483648,workclass='Private')", 400, 'odata.wrong_type', /age/],
    [
      'a value that is no choice',
      "Score(age=1,workclass='private')",
      400,
      'odata.value_not_allowed',
      /State-gov/,
    ],
    ['a missing value', 'Score(age=1)', 400, 'odata.missing_parameter', /workclass/],
    [
      'null where there must be a value',
      "Score(age=null,workclass='Private')",
      400,
      'odata.missing_parameter',
      /age/,
    ],
    [
      'an alias of which nothing is said',
      "Score(age=@x,workclass='Private')",
      400,
      'odata.missing_parameter',
      /age/,
    ],
    [
      'an unknown parameter',
      "Score(agee=1,workclass='Private')",
      400,
      'odata.unknown_parameter',
      /agee.*age/,
    ],
    ['an unknown option', "Score(age=1,workclass='Private')?size=2", 400, 'odata.unknown_parameter', /size/],
    ['a value given twice', "Score(age=1,workclass='Private')?age=1", 400, 'odata.malformed_option', /twice/],
    ['a value twice in parentheses', 'Score(age=1,age=1)', 400, 'odata.malformed_url', /twice/],
    ['a parenthesis that is open', 'Score(age=1', 400, 'odata.malformed_literal', /the end/],
    ['something after it', "Score(age=1,workclass='Private')x", 400, 'odata.malformed_url', /position/],
    ['a list that is no JSON', 'Pick(ids=@i,since=null)?@i=[1,', 400, 'odata.malformed_literal', /JSON/],
    ['a list in parentheses', 'Pick(ids=1,since=null)', 400, 'odata.wrong_type', /alias/],
    ['a list of the wrong type', 'Pick(ids=@i,since=null)?@i=["a"]', 400, 'odata.wrong_type', /ids/],
    ['a date that is none', 'Pick(ids=@i,since=2026-02-30)?@i=[1]', 400, 'odata.wrong_type', /since/],
    ['broken percent-encoding', 'Score(age=1%)', 400, 'odata.malformed_url', /path/],
    ['broken percent-encoding of an option', 'Score?age=%zz', 400, 'odata.malformed_url', /age/],
    ['a duration', "Score(age=duration'P1D',workclass='Private')", 501, 'odata.not_supported', /duration/],
    ['what is not there', 'Guess(age=1)', 404, 'odata.not_found', /Guess/],
    [
      'what is not there under it',
      "Score(age=1,workclass='Private')/Nothing",
      404,
      'odata.not_found',
      /Nothing/,
    ],
    ['$batch', '$batch', 501, 'odata.not_supported', /batch/],
    ['an address that is too long', `Score?a=${'x'.repeat(65_536)}`, 414, 'odata.too_long', /POST/],
  ];
  for (const [name, path, status, code, message] of refused)
    test(`refuses ${name} with ${status} and asks nothing of the service`, async () => {
      const face = newTestFace();
      const got = await ask(face, path);
      assert.deepEqual([got.status, got.json.error.code], [status, code], got.text);
      assert.match(got.json.error.message, message);
      assert.equal(got.headers.get('Content-Language'), 'en');
      assert.equal(got.headers.get('Content-Type'), 'application/json;odata.metadata=minimal');
      assert.equal(got.records, 0);
      assert.deepEqual(face.asked, []);
    });

  test('answers 204 where there is no row, and a column with its value', async () => {
    const none = newTestFace({}, { Score: async () => ({ rows: [] }) });
    const got = await ask(none, "Score(age=1,workclass='Private')");
    assert.deepEqual([got.status, got.text, got.headers.get('Content-Type')], [204, '', null]);
    const face = newTestFace();
    const column = await ask(face, "Score(age=39,workclass='Private')/Scored_Labels");
    assert.deepEqual(column.json, { '@odata.context': `${context}#Edm.String`, value: '<=50K' });
    const raw = await ask(face, "Score(age=39,workclass='Private')/Scored_Probabilities/$value");
    assert.deepEqual([raw.text, raw.headers.get('Content-Type')], ['0.39', 'text/plain;charset=utf-8']);
  });
});

describe('an action', () => {
  const answered = (text: string) => JSON.parse(text)['@odata.context'];

  test('takes its values from a JSON object at its own name and at that of the operation', async () => {
    for (const path of ['Score', 'ScorePost']) {
      const face = newTestFace();
      const got = await ask(face, path, post({ age: 39, workclass: 'Private' }));
      assert.deepEqual([got.status, got.json], [200, scored], got.text);
    }
  });

  test('takes numbers as text, annotations, and a body with a charset', async () => {
    const face = newTestFace();
    const body = {
      '@odata.type': '#x',
      age: '39',
      'age@odata.type': '#Int32',
      workclass: 'Private',
      bonus: '0.10',
    };
    const got = await ask(
      face,
      'ScorePost',
      post(body, { 'Content-Type': 'application/json; charset=utf-8' }),
    );
    assert.equal(answered(got.text), `${context}#Acme.Income.ScoreRow`);
    assert.equal(face.asked[0]?.args.bonus, 0.1);
  });

  test('answers a batch in one call, all rows in their order', async () => {
    const face = newTestFace();
    const rows = Array.from({ length: 250 }, (_, index) => ({ age: index, workclass: 'Private' }));
    for (const path of ['ScoreBatch', 'ScorePost']) {
      const got = await ask(face, path, post({ rows }, { Prefer: 'odata.maxpagesize=10' }));
      assert.equal(got.records, 250, got.text);
      assert.equal(got.json['@odata.nextLink'], undefined);
      assert.equal(got.json.value[249].Scored_Probabilities, 2.49);
      assert.equal(got.json.value[249].RowId, 250);
    }
    assert.equal(face.asked.length, 2);
  });

  const refused: [string, string, RequestInit, number, string][] = [
    ['text that is no JSON', 'ScorePost', post('{"age":'), 400, 'odata.malformed_body'],
    ['a list', 'ScorePost', post([]), 400, 'odata.malformed_body'],
    [
      'an unknown member',
      'ScorePost',
      post({ age: 1, workclass: 'Private', x: 1 }),
      400,
      'odata.unknown_parameter',
    ],
    ['a missing member', 'ScorePost', post({ age: 1 }), 400, 'odata.missing_parameter'],
    ['a wrong type', 'ScorePost', post({ age: true, workclass: 'Private' }), 400, 'odata.wrong_type'],
    [
      'another type of content',
      'ScorePost',
      post('<a/>', { 'Content-Type': 'text/xml' }),
      415,
      'odata.format_not_supported',
    ],
    [
      'another charset',
      'ScorePost',
      post('{}', { 'Content-Type': 'application/json;charset=utf-16' }),
      415,
      'odata.format_not_supported',
    ],
    [
      'a body that is too long',
      'ScorePost',
      post({ workclass: 'x'.repeat(5_000_000) }),
      413,
      'odata.too_long',
    ],
    ['a batch of something else', 'ScoreBatch', post({ age: 1 }), 400, 'odata.malformed_body'],
    [
      'a batch with a wrong row',
      'ScoreBatch',
      post({ rows: [{ age: 1, workclass: 'Private' }, 3] }),
      400,
      'odata.malformed_body',
    ],
    ['values in the address', 'ScorePost(age=1)', post({}), 400, 'odata.malformed_url'],
    ['GET', 'ScorePost', {}, 405, 'odata.method_not_allowed'],
  ];
  for (const [name, path, init, status, code] of refused)
    test(`refuses ${name} with ${status}`, async () => {
      const face = newTestFace();
      const got = await ask(face, path, init);
      assert.deepEqual([got.status, got.json.error.code], [status, code], got.text);
      assert.deepEqual(face.asked, []);
    });
});

describe('the protocol', () => {
  test('OPTIONS and 405 say what is allowed; HEAD asks nothing of the service', async () => {
    const face = newTestFace();
    for (const [path, allow] of [
      ['', 'GET, HEAD, OPTIONS'],
      ['$metadata', 'GET, HEAD, OPTIONS'],
      ['Score', 'GET, HEAD, POST, OPTIONS'],
      ['Towns', 'GET, HEAD, OPTIONS'],
      ['ScoreBatch', 'POST, OPTIONS'],
    ] as const) {
      assert.equal((await ask(face, path, { method: 'OPTIONS' })).headers.get('Allow'), allow);
      const wrong = await ask(face, path, { method: 'DELETE' });
      assert.deepEqual([wrong.status, wrong.headers.get('Allow')], [405, allow]);
    }
    const head = await ask(face, 'Towns', { method: 'HEAD' });
    assert.deepEqual([head.status, head.text, head.records], [200, '', 0]);
    assert.equal((await ask(face, 'Towns?$top=x', { method: 'HEAD' })).status, 400);
    assert.deepEqual(face.asked, []);
  });

  test('versions: none sent is 4.0, later ones are answered with 4.0, earlier ones refused', async () => {
    const face = newTestFace();
    for (const [name, value, status] of [
      ['OData-MaxVersion', '4.0', 200],
      ['OData-MaxVersion', '4.01', 200],
      ['OData-MaxVersion', '3.0', 400],
      ['OData-Version', '4.01', 200],
      ['OData-Version', '3.0', 400],
      ['OData-Version', 'x', 400],
      ['OData-Isolation', 'snapshot', 412],
    ] as const) {
      const got = await ask(face, 'Towns?$top=1', { headers: { [name]: value } });
      assert.equal(got.status, status, `${name}: ${value}`);
      assert.equal(got.headers.get('OData-Version'), '4.0');
    }
  });

  test('formats: none, minimal and full metadata, charset only to those who said it, $format above Accept', async () => {
    const face = newTestFace();
    const row = async (accept: string, path = "Score(age=39,workclass='Private')") =>
      ask(face, path, { headers: { Accept: accept } });
    const none = await row('application/json;odata.metadata=none');
    assert.deepEqual(Object.keys(none.json), ['RowId', 'Scored_Labels', 'Scored_Probabilities']);
    assert.equal(none.headers.get('Content-Type'), 'application/json;odata.metadata=none');
    const full = await row('application/json;metadata=full');
    assert.deepEqual(
      [full.json['@odata.type'], full.json['RowId@odata.type'], full.json['@odata.id']],
      ['#Acme.Income.ScoreRow', '#Int32', null],
    );
    const table = (await row('application/json;odata.metadata=full', 'Towns(1)')).json;
    assert.deepEqual(
      [table['@odata.id'], table['Seen@odata.type'], table['Tags@odata.type']],
      ['Towns(1)', '#DateTimeOffset', '#Collection(String)'],
    );
    assert.equal(
      (await row('application/json;charset=utf-8')).headers.get('Content-Type'),
      'application/json;odata.metadata=minimal;charset=utf-8',
    );
    for (const [accept, path, status] of [
      ['*/*', 'Towns?$top=1', 200],
      ['text/html,application/xhtml+xml,*/*;q=0.8', 'Towns?$top=1', 200],
      ['application/atom+xml', 'Towns?$top=1', 406],
      ['application/json;odata=verbose', 'Towns?$top=1', 406],
      ['application/json;odata.metadata=most', 'Towns?$top=1', 406],
      ['application/json;q=0', 'Towns?$top=1', 406],
      ['application/atom+xml', 'Towns?$top=1&$format=json', 200],
      ['application/json', 'Towns?$top=1&$format=atom', 415],
      ['application/json', 'Towns/$count', 200],
    ] as const)
      assert.equal((await row(accept, path)).status, status, `${accept} ${path}`);
  });

  test('option names are decoded; without the sign and in any case only for those who speak 4.01', async () => {
    const face = newTestFace();
    assert.equal((await ask(face, 'Towns?%24top=1')).records, 1);
    assert.equal((await ask(face, 'Towns?top=1')).json.error.code, 'odata.unknown_option');
    assert.equal((await ask(face, 'Towns?$Top=1')).json.error.code, 'odata.unknown_option');
    const headers = { 'OData-MaxVersion': '4.01' };
    assert.equal((await ask(face, 'Towns?top=1', { headers })).records, 1);
    assert.equal((await ask(face, 'Towns?$TOP=1', { headers })).records, 1);
    assert.equal((await ask(face, 'Towns?expand=x', { headers })).status, 501);
  });

  test('failures of the service are OData errors with their status; everything else is 500 without details', async () => {
    const failing = (error: unknown) => newTestFace({}, { Score: () => Promise.reject(error) });
    const call = "Score(age=1,workclass='Private')";
    const details = [{ code: 'ScoreRequestTimeout', message: 'Too slow' }];
    const told = await ask(
      failing(
        new ServiceFailure({
          status: 504,
          code: 'service.slow',
          message: 'No answer',
          target: 'age',
          details,
        }),
      ),
      call,
    );
    assert.equal(told.status, 504);
    assert.deepEqual(told.json, {
      error: { code: 'service.slow', message: 'No answer', target: 'age', details },
    });
    const broken = await ask(failing(new Error('password is secret')), call);
    assert.deepEqual([broken.status, broken.json.error.code], [500, 'odata.failed']);
    assert.doesNotMatch(broken.text, /secret/);
    const nonsense = newTestFace({}, { Score: async () => ({ rows: [{ Scored_Probabilities: 'much' }] }) });
    const got = await ask(nonsense, call);
    assert.deepEqual([got.status, got.json.error.target], [502, 'Scored_Probabilities']);
  });
});
