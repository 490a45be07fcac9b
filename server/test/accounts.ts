import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { ErrorBody, Session } from '@souk/contract';
import type { InjectOptions } from 'fastify';
import { placeOf } from '../src/domains/access/index.ts';
import { type Accounts, accountRoutes, newAccounts } from '../src/domains/accounts/index.ts';
import { rows, sql } from '../src/platform/db.ts';
import type { Route } from '../src/platform/http.ts';
import { runJobs } from '../src/platform/jobs.ts';
import { newLog } from '../src/platform/log.ts';
import { newMailer } from '../src/platform/mail.ts';
import type { Platform } from '../src/platform/platform.ts';
import { buildServer } from '../src/platform/server.ts';
import { testDatabase } from './database.ts';
import { testPlatform } from './platform.ts';

export const password = 'correct horse battery';

/** The accounts domain behind the real server and the real authentication, with its jobs running. */
export async function testAccounts(
  environment: Readonly<Record<string, string>> = {},
  further: (accounts: Accounts, platform: Platform) => Route[] = () => [],
) {
  // Hooks run in the order in which they are given, and the jobs must end before their database does.
  let end = async () => {};
  after(() => end());
  const database = await testDatabase();
  const platform = testPlatform(database, environment);
  const policy: { signUp: 'open' | 'invitation' } = { signUp: 'open' };
  const accounts = newAccounts(platform, { signUpPolicy: async () => policy.signUp });
  const app = buildServer({
    routes: [...accountRoutes(accounts), ...further(accounts, platform)],
    authorizer: platform.authorizer,
    placeOf: (caller, named) => placeOf(database.db, caller, named),
    authenticate: accounts.authenticate,
    log: platform.log,
    metrics: platform.metrics,
    bodySizeBytesMax: 64 * 1024,
    origins: [platform.config.publicUrl],
    checkAnswers: true,
  });
  const definitions = [...accounts.jobs, ...newMailer(platform).jobs];
  const jobs = await runJobs(database.pool, {
    definitions,
    log: newLog('test', 'fatal'),
    processName: 'accounts',
  });
  end = async () => {
    await jobs.stop();
    await app.close();
  };

  /** Somebody at a browser: keeps cookies, sends from an address of their own. */
  function browser(ip = '203.0.113.7') {
    const jar = new Map<string, string>();
    async function send(
      method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
      url: string,
      body?: object,
      more: InjectOptions = {},
    ) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await app.inject({
        method,
        url,
        remoteAddress: ip,
        ...(body ? { payload: body } : {}),
        ...more,
        headers: { ...(cookie ? { cookie } : {}), 'sec-fetch-site': 'same-origin', ...more.headers },
      });
      for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/max-age=0/i.test(line)) jar.delete(name);
        else jar.set(name, value);
      }
      return answer;
    }
    async function ok<T>(
      method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
      url: string,
      body?: object,
    ): Promise<T> {
      const answer = await send(method, url, body);
      assert.ok(answer.statusCode < 300, `${method} ${url}: ${answer.statusCode} ${answer.body}`);
      return answer.body ? answer.json<T>() : (undefined as T);
    }
    async function refused(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: object) {
      const answer = await send(method, url, body);
      assert.ok(answer.statusCode >= 400, `${method} ${url}: ${answer.statusCode} ${answer.body}`);
      const { error } = answer.json<ErrorBody>();
      return error;
    }
    return { jar, send, ok, refused };
  }

  let people = 0;
  /** A new person with an account of their own, signed in. */
  async function person(name = 'ada') {
    const client = browser(`198.51.100.${++people % 250}`);
    const email = `${name.replace(/\W.*/s, '').toLowerCase()}${people}@example.test`;
    const session = await client.ok<Session>('POST', '/api/sign-up', { email, password, name });
    assert.ok(session.person && session.account);
    return { ...client, email, session, personId: session.person.id, accountId: session.account.id };
  }

  const mailsTo = (to: string) =>
    rows<{ subject: string; body: string }>(
      database.db,
      sql`select subject, body from mails where recipient = ${to} order by id`,
    );

  /** The link in the last of `count` mails to an address, once there are so many. */
  async function linkTo(to: string, count = 1): Promise<string> {
    const mails = await until(
      () => mailsTo(to),
      (list) => list.length >= count,
    );
    const link = /https?:\/\/\S+/.exec(mails.at(-1)?.body ?? '')?.[0];
    assert.ok(link, 'the mail has no link');
    return link;
  }

  return { ...database, platform, policy, accounts, app, browser, person, mailsTo, linkTo };
}

export async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (let i = 0; ; i++) {
    const value = await read();
    if (holds(value)) return value;
    assert.ok(i < 400, `it did not become so: ${JSON.stringify(value)}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

export const tokenOf = (link: string): string => link.split(/[/=]/).at(-1) ?? '';
