import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccessMatrix, type Role, roles, type Session } from '@souk/contract';
import { sql } from '../../server/src/platform/db.ts';
import { type Credentials, origin, password } from './market.ts';
import { market, routes, sendExample } from './routes.walk.ts';

/** Every role against every route: what docs/access.md says is what the server does. */
const { app, platform } = market.souk;

async function memberWith(role: Role): Promise<Credentials> {
  const email = `${role}@roles.test`;
  const made = await app.inject({
    method: 'POST',
    url: '/api/sign-up',
    headers: { 'x-forwarded-for': `203.0.113.${roles.indexOf(role) + 1}` },
    payload: { email, password, name: role },
  });
  assert.equal(made.statusCode, 201, made.body);
  const { person } = made.json<Session>();
  const { rows } = await sql<{ id: string }>`select id from accounts where operator`.execute(platform.db);
  const accountId = role.startsWith('operator-') ? (rows[0]?.id ?? '') : market.accountId;
  await sql`delete from members where person_id = ${person?.id ?? ''}`.execute(platform.db);
  await sql`insert into members (account_id, person_id, roles) values (${accountId}, ${person?.id ?? ''}, ${[role]}::text[])`.execute(
    platform.db,
  );
  const cookie = [made.headers['set-cookie'] ?? []]
    .flat()
    .map((c) => c.split(';')[0])
    .join('; ');
  return { cookie, origin };
}

const callers = new Map<Role, Credentials>();
for (const role of roles) callers.set(role, await memberWith(role));
const matrixFor = async (as: Credentials) =>
  (await app.inject({ url: '/api/access', headers: { ...as } })).json<AccessMatrix>();
// What was believed of the sessions a moment ago, before their roles were given, is forgotten.
await new Promise((resolve) => setTimeout(resolve, 1000));
const matrix = await matrixFor(callers.get('viewer') ?? {});

for (const [role, as] of callers)
  test(`${role}: every route is open to it or not, as the matrix says`, async () => {
    const wrong: string[] = [];
    for (const r of routes) {
      const row = matrix.actions.find((a) => a.operations.includes(r.operation.id));
      assert.ok(row, `${r.operation.id} is in no row of the matrix`);
      // Who may is asked first; the unknown parameter then ends it before anything is done.
      const { status, error } = await sendExample(r, { as, query: { nothing: 'of the kind' } });
      const refused = status === 403 && error?.code === 'request.forbidden';
      if (refused === row.roles.includes(role)) wrong.push(`${r.operation.id}: ${status} ${error?.code}`);
    }
    assert.deepEqual(wrong, []);
  });

test('the matrix names every route once, and shows the policies’ text to the operator only', async () => {
  const named = matrix.actions.flatMap((a) => a.operations);
  assert.deepEqual(named.sort(), routes.map((r) => r.operation.id as string).sort());
  assert.equal(matrix.policies, null);
  const operators = await matrixFor(callers.get('operator-reviewer') ?? {});
  assert.ok(operators.policies?.some((p) => p.file === '10-souk.cedar' && p.builtIn));
});

test('visitors are shown nothing of it', async () => {
  assert.equal((await app.inject({ url: '/api/access' })).statusCode, 401);
});
