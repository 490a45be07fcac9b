import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask, newTestFace, post, root } from '../../../test/odata.ts';

const face = newTestFace();
const names = async (query: string) => {
  const got = await ask(face, `Towns?${query}`);
  assert.equal(got.status, 200, `${query}: ${got.text}`);
  return got.json.value.map(({ Name }: { Name: string }) => Name) as string[];
};
const count = async (filter: string) => {
  const got = await ask(face, `Towns/$count?$filter=${encodeURIComponent(filter)}`);
  assert.equal(got.status, 200, `${filter}: ${got.text}`);
  return Number(got.text);
};

describe('$filter', () => {
  const counted: [string, number][] = [
    ['Id eq 1', 1],
    ['1 eq Id', 1],
    ['Id ne 1', 249],
    ['Id gt 248', 2],
    ['Id ge 248', 3],
    ['Id lt 3', 2],
    ['Id le 3', 3],
    ['Id lt 1e1', 9],
    ['Id gt -1', 250],
    ['Id eq INF', 0],
    ["Name eq 'L''Aquila'", 1],
    ["Name ge 'Town 98'", 2],
    ['Capital', 25],
    ['not Capital', 225],
    ['Capital eq true', 25],
    ['Capital eq TRUE', 25],
    ['true', 250],
    ['null', 0],
    ['Area eq null', 1],
    ['Area ne null', 249],
    ['Area gt null', 0],
    ['not (Area gt null)', 250],
    ['null eq null', 250],
    ['Area eq 7.5', 1],
    ['Area eq 7.50', 1],
    ['People eq 9007199254740993', 1],
    ['People eq 9007199254740992', 0],
    ['People gt 9007199254740992', 1],
    ['Founded lt 1903-01-01', 9],
    ['Seen eq 2026-01-31T10:00:00Z', 250],
    ['Seen gt 2026-01-31T12:00:00+02:00', 0],
    ['Code eq 01234567-89ab-CDEF-0123-000000000007', 1],
    ["contains(Name,'quil')", 1],
    ["startswith(Name,'Town 24')", 11],
    ["endswith(Name,'9')", 25],
    ["not startswith(Name,'Town')", 1],
    ["contains(Name,'1') eq false", 117],
    ['Id eq 1 or Id eq 2 and Id eq 3', 1],
    ['(Id eq 1 or Id eq 2) and Id eq 2', 1],
    ['Id eq 1 or Id eq 2 or Id eq 3', 3],
    ['Id gt 5 eq true', 245],
    ['Capital or Area eq null', 26],
    ['contains(Name,null)', 0],
    ['not contains(Name,null)', 0],
  ];
  for (const [filter, expected] of counted)
    test(`${filter} leaves ${expected}`, async () => assert.equal(await count(filter), expected));

  test('a plus that was not encoded still makes an offset', async () => {
    const got = await ask(face, 'Towns/$count?$filter=Seen eq 2026-01-31T12:00:00+02:00');
    assert.equal(got.text, '250');
  });

  test('parameter aliases stand for values, and for null where nothing is said of them', async () => {
    assert.deepEqual(await names("$filter=Name eq @n&@n='Town 7'"), ['Town 7']);
    assert.deepEqual(await names('$filter=Area eq @nothing'), ['Town 5']);
  });

  const refused: [string, number, string, RegExp][] = [
    ["Name eq 'C'1'", 400, 'odata.malformed_literal', /position 13/],
    ["Name eq 'C", 400, 'odata.malformed_literal', /position 9/],
    ['Nam eq 1', 400, 'odata.unknown_column', /Nam.*Name.*position 1\)/],
    ["Id eq '1'", 400, 'odata.wrong_type', /Id \(Edm.Int32\) and Edm.String.*position 4/],
    ['Founded eq 1.5', 400, 'odata.wrong_type', /Founded/],
    ['Founded eq 2026-02-30', 400, 'odata.malformed_literal', /2026-02-30/],
    ['Name', 400, 'odata.wrong_type', /Name/],
    ['not Name', 400, 'odata.wrong_type', /Name/],
    ['Id eq', 400, 'odata.malformed_expression', /the end.*position 6/],
    ['eq 1', 400, 'odata.malformed_expression', /position 4/],
    ['Id eq 1 Id', 400, 'odata.malformed_expression', /position 9/],
    ['(Id eq 1', 400, 'odata.malformed_expression', /parenthesis/],
    ['Id eq 1)', 400, 'odata.malformed_expression', /position 8/],
    ['Id = 1', 400, 'odata.malformed_expression', /position 4/],
    ['Id eq 1eq', 400, 'odata.malformed_expression', /position/],
    ['Id eq 1;drop', 400, 'odata.malformed_expression', /position/],
    ['', 400, 'odata.malformed_expression', /the end/],
    ['contains(Name)', 400, 'odata.malformed_expression', /two/],
    ['contains(Id,1)', 400, 'odata.wrong_type', /contains/],
    ["sounds(Name,'a')", 400, 'odata.malformed_expression', /sounds/],
    ["toupper(Name) eq 'A'", 501, 'odata.not_supported', /toupper/],
    ['length(Name) gt 1', 501, 'odata.not_supported', /length/],
    ['Id add 1 eq 2', 501, 'odata.not_supported', /add/],
    ['Id in (1,2)', 501, 'odata.not_supported', /in/],
    ['-Id eq 1', 501, 'odata.not_supported', /egation/],
    ["Tags/any(t:t eq 'odd')", 501, 'odata.not_supported', /any/],
    ["Tags eq 'odd'", 501, 'odata.not_supported', /list/],
    ['$it/Id eq 1', 501, 'odata.not_supported', /\$it/],
    ["Id eq Acme.Color'Red'", 501, 'odata.not_supported', /Acme.Color/],
    [`${'('.repeat(200)}Id eq 1${')'.repeat(200)}`, 400, 'odata.too_deep', /100/],
    [`${'not '.repeat(200)}Capital`, 400, 'odata.too_deep', /100/],
    [Array.from({ length: 1500 }, () => 'Id eq 1').join(' or '), 400, 'odata.too_deep', /4000/],
  ];
  for (const [filter, status, code, message] of refused)
    test(`${filter.slice(0, 60) || 'nothing'} is ${status}`, async () => {
      const before = face.asked.length;
      const got = await ask(face, `Towns?$filter=${encodeURIComponent(filter)}`);
      assert.deepEqual(
        [got.status, got.json.error.code, got.json.error.target],
        [status, code, '$filter'],
        got.text,
      );
      assert.match(got.json.error.message, message);
      assert.equal(face.asked.length, before);
    });
});

describe('the other options', () => {
  test('$orderby sorts by several columns, null first, both ways', async () => {
    assert.deepEqual(await names('$orderby=Area&$top=2'), ['Town 5', "L'Aquila"]);
    assert.deepEqual(await names('$orderby=Capital desc,Id desc&$top=2'), ['Town 240', 'Town 230']);
    assert.deepEqual(await names('$orderby=People desc&$top=1'), ['Town 3']);
  });

  test('filter, then order, then skip, then top; the count knows neither skip nor top', async () => {
    const got = await ask(
      face,
      'Towns?$filter=Id le 9&$orderby=Id desc&$skip=2&$top=3&$count=true&$select=Id',
    );
    assert.deepEqual(
      got.json.value.map(({ Id }: { Id: number }) => Id),
      [7, 6, 5],
    );
    assert.equal(got.json['@odata.count'], 9);
    assert.equal(got.json['@odata.context'], `${root}/$metadata#Towns(Id)`);
    assert.equal(got.records, 3);
  });

  test('$select leaves what is named, in the order of the type', async () => {
    const got = await ask(face, 'Towns(1)?$select=Name,%20Id');
    assert.deepEqual(got.json, {
      '@odata.context': `${root}/$metadata#Towns(Id,Name)/$entity`,
      Id: 1,
      Name: "L'Aquila",
    });
    assert.deepEqual(Object.keys((await ask(face, 'Towns(1)?$select=*')).json).length, 10);
    assert.equal((await ask(face, 'Towns(1)?$select=Name')).json['@odata.id'], 'Towns(1)');
  });

  test('$top=0 answers no rows and asks nothing; $skip beyond the end answers none', async () => {
    const quiet = newTestFace();
    assert.deepEqual((await ask(quiet, 'Towns?$top=0')).json.value, []);
    assert.deepEqual(quiet.asked, []);
    assert.deepEqual((await ask(quiet, 'Towns?$skip=1000')).json.value, []);
  });

  test('a key is a row of a table or function; one that is not there is 404', async () => {
    assert.equal((await ask(face, 'Towns(7)')).json.Name, 'Town 6');
    assert.equal((await ask(face, 'Towns(Id=7)/Name/$value')).text, 'Town 6');
    assert.equal((await ask(face, 'Pick(ids=@i,since=null)(2)?@i=[5,6]')).json.Name, 'Town 5');
    for (const [path, status] of [
      ['Towns(999)', 404],
      ["Towns('7')", 400],
      ['Towns(Name=7)', 400],
      ['Pick(ids=@i,since=null)(3)?@i=[5,6]', 404],
      ['Towns(7)/$count', 404],
      ['Towns/Name', 404],
      ['Towns(7)?$top=1', 400],
      ['Towns(5)/Area/$value/x', 404],
    ] as const)
      assert.equal((await ask(face, path)).status, status, path);
    assert.equal((await ask(face, 'Towns(6)/Area')).status, 204);
  });

  const refused: [string, number, string][] = [
    ['$top=-1', 400, '$top'],
    ['$top=1.5', 400, '$top'],
    ['$top=', 400, '$top'],
    ['$top=99999999999999999999', 400, '$top'],
    ['$skip=-1', 400, '$skip'],
    ['$skip=x', 400, '$skip'],
    ['$count=yes', 400, '$count'],
    ['$top=1&$top=2', 400, '$top'],
    ['$top=1&%24top=2', 400, '$top'],
    ['$orderby=Nam', 400, '$orderby'],
    ['$orderby=Name down', 400, '$orderby'],
    ['$orderby=Name,', 400, '$orderby'],
    ['$orderby=Name Id', 400, '$orderby'],
    ['$orderby=length(Name)', 501, '$orderby'],
    ['$orderby=Tags', 501, '$orderby'],
    ['$select=Nam', 400, '$select'],
    ['$select=', 400, '$select'],
    ['$select=Name/First', 501, '$select'],
    ['$expand=Tags', 501, '$expand'],
    ['$search=a', 501, '$search'],
    ['$apply=aggregate(Id with sum as s)', 501, '$apply'],
    ['$compute=Id add 1 as x', 501, '$compute'],
    ['$inlinecount=allpages', 400, '$inlinecount'],
    ['$skiptoken=x', 400, '$skiptoken'],
    ['@1=2', 400, '@1'],
  ];
  for (const [query, status, target] of refused)
    test(`${query} is ${status}`, async () => {
      const got = await ask(face, `Towns?${query}`);
      assert.deepEqual([got.status, got.json.error.target], [status, target], got.text);
    });
});

describe('paging', () => {
  const follow = async (first: string, headers: Record<string, string> = {}) => {
    const pages: number[] = [];
    const ids: number[] = [];
    for (let path: string | undefined = first; path !== undefined; ) {
      const got = await ask(face, path, { headers });
      assert.equal(got.status, 200, got.text);
      pages.push(got.json.value.length);
      ids.push(...got.json.value.map(({ Id }: { Id: number }) => Id));
      const next: string | undefined = got.json['@odata.nextLink'];
      assert.ok(next === undefined || next.startsWith(`${root}/Towns?`), next);
      path = next?.slice(root.length);
    }
    return { pages, ids };
  };
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  test('next links give every row once, with all options, and end', async () => {
    assert.deepEqual(await follow('Towns'), { pages: [100, 100, 50], ids: numbers(1, 250) });
    assert.deepEqual(await follow('Towns?$skip=10&$top=120'), { pages: [100, 20], ids: numbers(11, 130) });
    assert.deepEqual(await follow('Towns?$top=100'), { pages: [100], ids: numbers(1, 100) });
    assert.deepEqual(await follow('Towns?%24filter=Id gt 20&$orderby=Id desc&$count=true'), {
      pages: [100, 100, 30],
      ids: numbers(21, 250).reverse(),
    });
    assert.deepEqual(await follow('Towns?$top=5', { Prefer: 'return=minimal, odata.maxpagesize=2' }), {
      pages: [2, 2, 1],
      ids: numbers(1, 5),
    });
  });

  test('only the page is asked of the service, and the preference is said back', async () => {
    const quiet = newTestFace();
    const got = await ask(quiet, 'Towns?$skip=20', { headers: { Prefer: 'maxpagesize=5' } });
    assert.equal(got.headers.get('Preference-Applied'), 'odata.maxpagesize=5');
    assert.deepEqual(
      quiet.asked.map(({ skip, top }) => [skip, top]),
      [[20, 6]],
    );
    const most = await ask(quiet, 'Towns', { headers: { Prefer: 'odata.maxpagesize=100000' } });
    assert.equal(most.headers.get('Preference-Applied'), 'odata.maxpagesize=1000');
  });

  test('a service with smaller pages is read page by page', async () => {
    const small = newTestFace(
      {},
      {
        Towns: async (_, __, { skip }) => ({
          rows: numbers(skip + 1, Math.min(skip + 30, 250)).map((Id) => ({ Id, Tags: [] })),
          more: skip + 30 < 250,
        }),
      },
    );
    const got = await ask(small, 'Towns?$select=Id');
    assert.equal(got.records, 30);
    assert.match(got.json['@odata.nextLink'], /skiptoken/);
    assert.equal((await ask(small, 'Towns/$count')).text, '250');
    const last = await ask(small, got.json['@odata.nextLink'].slice(root.length));
    assert.equal(last.json.value[0].Id, 31);
  });

  test('a token of another query, a changed one and one of another service are refused', async () => {
    const link = (await ask(face, 'Towns?$top=150')).json['@odata.nextLink'] as string;
    const token = new URL(link).searchParams.get('$skiptoken') ?? '';
    assert.equal((await ask(face, `Towns?$top=150&$skiptoken=${token}`)).records, 50);
    assert.equal((await ask(face, `Towns?$top=150&$format=json&$skiptoken=${token}`)).records, 50);
    const changed = `${token.slice(0, 10)}${token[10] === 'A' ? 'B' : 'A'}${token.slice(11)}`;
    for (const path of [
      `Towns?$top=151&$skiptoken=${token}`,
      `Towns?$top=150&$filter=Id gt 1&$skiptoken=${token}`,
      `Towns?$top=150&$skiptoken=${changed}`,
      `Towns?$top=150&$skiptoken=${token}A`,
    ])
      assert.equal((await ask(face, path)).json.error.code, 'odata.skiptoken', path);
    const other = newTestFace({ pagingSecret: 'another' });
    assert.equal((await ask(other, `Towns?$top=150&$skiptoken=${token}`)).status, 400);
  });

  test('too many rows to sort are refused; a service that promises rows and has none is 502', async () => {
    const endless = newTestFace(
      { limits: { rowsMax: 500 } },
      {
        Towns: async (_, __, { skip }) => ({ rows: [{ Id: skip, Tags: [] }, { Id: skip + 1 }], more: true }),
      },
    );
    assert.equal((await ask(endless, 'Towns?$orderby=Id')).json.error.code, 'odata.too_many_rows');
    const drops = newTestFace(
      { limits: { pagesMax: 7 } },
      { Towns: async (_, __, { skip }) => ({ rows: [{ Id: skip, Tags: [] }], more: skip < 7 }) },
    );
    const refused = (await ask(drops, 'Towns/$count')).json.error;
    assert.deepEqual([refused.code, drops.asked.length], ['odata.too_many_rows', 7]);
    assert.match(refused.message, /more than 7 pages/);
    const empty = newTestFace({}, { Towns: async () => ({ rows: [], more: true }) });
    assert.equal((await ask(empty, 'Towns?$count=true')).status, 502);
    assert.equal((await ask(empty, 'Towns')).status, 502);
  });

  test('the options work on what an action answers, without pages', async () => {
    const rows = [{ age: 30 }, { age: 50 }, { age: 60 }].map((row) => ({ ...row, workclass: 'Private' }));
    const got = await ask(
      face,
      "ScoreBatch?$filter=Scored_Labels eq '>50K'&$orderby=RowId desc&$count=true",
      post({ rows }),
    );
    assert.deepEqual(
      got.json.value.map(({ RowId }: { RowId: number }) => RowId),
      [3, 2],
    );
    assert.equal(got.json['@odata.count'], 2);
  });
});
