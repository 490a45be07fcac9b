import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import {
  call,
  type Demo,
  type DemoAccount,
  finished,
  type Offered,
  post,
  publish,
  publisherSlug,
  run,
  saveTo,
  send,
  show,
  souk,
  subscribe,
  unfinished,
  url,
} from './demo-client.ts';
import { deployWebService, frontService } from './demo-services.ts';

/**
 * Fills a fresh marketplace as people would: an operator, a publisher and a buyer sign up, the publisher publishes the examples
 * through the real pipeline with the command line, the buyer subscribes and calls. A data folder that has accounts already is
 * left alone. Interrupted, it goes on where it was at the next start.
 */
const products: readonly Offered[] = [
  {
    folder: 'examples/iris-classifier',
    slug: 'iris-classifier',
    plan: 'free',
    path: '/invocations',
    sample: 'sample-input.json',
    contentType: 'application/json',
  },
];

async function main() {
  if (existsSync(finished)) return show(JSON.parse(readFileSync(finished, 'utf8')) as Demo);
  const demo = await accounts();
  if (!demo) return;
  await profile(demo);
  for (const product of products) {
    await publish(demo, product);
    await call(demo, await subscribe(demo, product), product, saveTo(unfinished));
  }
  await frontService(demo);
  await deployWebService(demo);
  renameSync(unfinished, finished);
  show(demo);
}

/** Credentials are on disk before the accounts exist: a demo that is interrupted is never one that nobody can sign in to. */
async function accounts(): Promise<Demo | undefined> {
  const begun = existsSync(unfinished);
  const account = (name: string): DemoAccount => ({
    accountId: '',
    email: `${name}@souk.example`,
    password: randomBytes(12).toString('base64url'),
    apiKey: '',
  });
  const demo: Demo = begun
    ? (JSON.parse(readFileSync(unfinished, 'utf8')) as Demo)
    : {
        url,
        operator: account('operator'),
        publisher: account('publisher'),
        buyer: account('buyer'),
        calls: [],
      };
  const save = () => saveTo(unfinished)(demo);
  if (!begun) {
    // Saved first and taken back when there are accounts: of the two orders, only this one cannot lose the password.
    save();
    const made = await run(
      process.execPath,
      [
        'server/src/main.ts',
        'create-operator',
        '--if-empty',
        '--email',
        demo.operator.email,
        '--account',
        'Souk Operators',
      ],
      `${demo.operator.password}\n`,
    );
    if (made.code === 7) {
      rmSync(unfinished);
      return undefined;
    }
    if (made.code !== 0) throw new Error(`the operator's account could not be made: ${made.output}`);
  }
  for (const [name, who] of [
    ['operator', demo.operator],
    ['publisher', demo.publisher],
    ['buyer', demo.buyer],
  ] as const) {
    if (who.apiKey) continue;
    const { cookie, session } = await signIn(who, name);
    who.accountId = session.account.id;
    const created = await post('/api/account/keys', { name: 'Demo', scopes: ['call', 'manage'] }, cookie);
    if (created.status !== 201) throw new Error(`no API key for ${name}: ${JSON.stringify(created.body)}`);
    who.apiKey = (created.body as { key: string }).key;
    save();
  }
  return demo;
}

async function signIn(
  who: DemoAccount,
  name: string,
): Promise<{ cookie: string; session: { account: { id: string } } }> {
  const { email, password } = who;
  const accountName = name === 'publisher' ? 'Souk Examples' : 'Example Buyer';
  let answer = await post('/api/sign-in', { email, password });
  if (answer.status === 401)
    answer = await post('/api/sign-up', {
      email,
      password,
      name: `${name[0]?.toUpperCase()}${name.slice(1)}`,
      accountName,
    });
  if (answer.status >= 300) throw new Error(`${name} cannot sign in: ${JSON.stringify(answer.body)}`);
  return { cookie: answer.cookie, session: answer.body as { account: { id: string } } };
}

/** All that a paid plan needs. The operator's word comes from this program: nobody is paid for real. */
async function profile({ publisher, operator }: Demo) {
  const body = {
    slug: publisherSlug,
    displayName: 'Souk Examples',
    description: 'Products that show what Souk does, published through the same pipeline as everybody’s.',
    websiteUrl: null,
    contactEmail: publisher.email,
  };
  const answer = await send('PUT', '/api/publisher', body, { authorization: `Bearer ${publisher.apiKey}` });
  if (answer.status !== 200)
    throw new Error(`the publisher's profile was refused: ${JSON.stringify(answer.body)}`);
  const status = async () =>
    (
      (
        await send('GET', '/api/publisher/standing', undefined, {
          authorization: `Bearer ${publisher.apiKey}`,
        })
      ).body as { verification: { state: string } }
    ).verification.state;
  if ((await status()) === 'verified') return;
  const folder = 'examples/becoming-a-publisher';
  await souk(publisher, ['publisher', 'tax', 'set', `${folder}/tax-interview.yaml`]);
  await souk(publisher, ['publisher', 'bank', 'set', `${folder}/bank-details.yaml`]);
  if ((await status()) !== 'pending')
    await souk(publisher, ['publisher', 'verify', '--message', 'The examples of Souk itself.']);
  await souk(operator, ['publishers', 'approve', publisherSlug, '--comment', 'Part of the demonstration.']);
}

await main();
