import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { testDatabase } from '../../test/database.ts';
import { readConfig } from './config.ts';
import { inTx, row, sql } from './db.ts';
import { runJobs } from './jobs.ts';
import { newLog } from './log.ts';
import { type NewMail, newMailer } from './mail.ts';

const { db, pool } = await testDatabase();
const dataDir = mkdtempSync(join(tmpdir(), 'souk-mail-'));
after(() => rmSync(dataDir, { recursive: true, force: true }));

const mail: NewMail = {
  to: 'ada@example.test',
  subject: 'Grüße\r\nBcc: all@example.test',
  text: 'Hello Ada,\n\nwelcome.\n',
};

interface Received {
  readonly to: string[];
  readonly text: string;
}

async function smtpServer(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      let text = '';
      stream.on('data', (part: Buffer) => {
        text += part.toString();
      });
      stream.on('end', () => {
        received.push({ to: session.envelope.rcptTo.map((r) => r.address), text });
        done();
      });
    },
    ...options,
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    close: () => new Promise<void>((done) => server.close(done)),
  };
}

function mailerOn(smtpUrl: string | undefined) {
  const config = {
    ...readConfig({ SOUK_DATA: dataDir, SOUK_MAIL_FROM: 'Souk <souk@market.test>' }),
    smtpUrl,
  };
  return newMailer({ config, db });
}

const stateOf = (id: string) =>
  row<{ state: string; failure: string | null; sentAt: Date | null }>(
    db,
    sql`select state, failure, sent_at as "sentAt" from mails where id = ${id}`,
  );

async function waitFor(id: string, state: string) {
  for (let i = 0; i < 200; i++) {
    const mail = await stateOf(id);
    if (mail?.state === state) return mail;
    await new Promise((done) => setTimeout(done, 25));
  }
  assert.fail(`mail ${id} did not become ${state} but ${JSON.stringify(await stateOf(id))}`);
}

const job = (attempt: number) => ({ attempt, attemptsMax: 3, signal: new AbortController().signal });

test('a mail of a committed transaction arrives by SMTP once, with its subject on one line', async () => {
  const server = await smtpServer();
  const mailer = mailerOn(server.url);
  const runner = await runJobs(pool, {
    definitions: mailer.jobs,
    log: newLog('test', 'error'),
    processName: 'mail',
  });
  const id = await inTx(db, (tx) => mailer.send(tx, mail));
  const { sentAt } = await waitFor(id, 'sent');
  await runner.stop();
  await mailer.jobs[0]?.run({ mailId: id }, job(1));
  await server.close();
  assert.ok(sentAt);
  assert.equal(server.received.length, 1);
  const [message] = server.received;
  assert.deepEqual(message?.to, ['ada@example.test']);
  assert.match(message?.text ?? '', new RegExp(`^Message-ID: <${id}@market\\.test>\\r?$`, 'im'));
  assert.doesNotMatch(message?.text ?? '', /^bcc:/im);
});

test('a mail of a transaction that was rolled back does not exist', async () => {
  const mailer = mailerOn(undefined);
  let id = '';
  await assert.rejects(
    inTx(db, async (tx) => {
      id = await mailer.send(tx, mail);
      throw new Error('no');
    }),
  );
  assert.equal(await stateOf(id), undefined);
});

test('a server that is away, then says no for now, is asked again; the reason is kept', async () => {
  let busy = true;
  const server = await smtpServer({
    onRcptTo(_address, _session, done) {
      done(busy ? Object.assign(new Error('try later'), { responseCode: 451 }) : undefined);
    },
  });
  const id = await inTx(db, (tx) => mailerOn(server.url).send(tx, mail));
  await assert.rejects(
    mailerOn('smtp://127.0.0.1:1').jobs[0]?.run({ mailId: id }, job(1)) ?? Promise.resolve(),
    /ECONNREFUSED/,
  );
  assert.equal((await stateOf(id))?.state, 'queued');
  await assert.rejects(
    mailerOn(server.url).jobs[0]?.run({ mailId: id }, job(2)) ?? Promise.resolve(),
    /try later/,
  );
  assert.match((await stateOf(id))?.failure ?? '', /try later/);
  busy = false;
  await mailerOn(server.url).jobs[0]?.run({ mailId: id }, job(3));
  assert.deepEqual({ ...(await stateOf(id)), sentAt: null }, { state: 'sent', failure: null, sentAt: null });
  await server.close();
});

test('an address that the server refuses for good fails at once; the last attempt fails for good', async () => {
  const server = await smtpServer({
    onRcptTo(_address, _session, done) {
      done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }));
    },
  });
  const refused = await inTx(db, (tx) => mailerOn(server.url).send(tx, mail));
  await mailerOn(server.url).jobs[0]?.run({ mailId: refused }, job(1));
  await server.close();
  assert.equal((await stateOf(refused))?.state, 'failed');
  const late = await inTx(db, (tx) => mailerOn(server.url).send(tx, mail));
  await mailerOn(server.url).jobs[0]?.run({ mailId: late }, job(3));
  const { state, failure } = (await stateOf(late)) ?? {};
  assert.equal(state, 'failed');
  assert.match(failure ?? '', /ECONNREFUSED/);
});

test('without SMTP a mail becomes a file in the outbox that only the owner can read', async () => {
  const id = await inTx(db, (tx) => mailerOn(undefined).send(tx, mail));
  await mailerOn(undefined).jobs[0]?.run({ mailId: id }, job(1));
  assert.equal((await stateOf(id))?.state, 'outbox');
  const path = join(dataDir, 'outbox', `${id}.eml`);
  assert.match(readFileSync(path, 'utf8'), /^To: ada@example\.test\r\n/m);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(dataDir, 'outbox')), [`${id}.eml`]);
});
