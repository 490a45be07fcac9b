import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type {
  BodyOf,
  Operation,
  OutputOf,
  ParamsOf,
  ProductDocument,
  QueryOf,
  ServiceSection,
  Session,
  Submission,
} from '@souk/contract';
import { operations } from '@souk/contract';
import { irisFile } from '../../test/iris-document.ts';
import { compose } from '../src/compose.ts';
import { readConfig } from '../src/platform/config.ts';
import { testDatabase } from './database.ts';

const origin = 'http://souk.test';
const password = 'a sentence for a password';

/** A service on this machine that tests speak to; ended with the file. */
export async function localService(handle: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** A marketplace as `compose` builds it, with its jobs, whose operator allows services on this machine. */
export async function serviceMarket() {
  // In the order in which they are given: the jobs end before their database does.
  const closing: (() => Promise<unknown>)[] = [];
  after(async () => {
    for (const close of closing) await close();
  });
  const database = await testDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'souk-services-'));
  const config = readConfig({
    SOUK_DATA: dataDir,
    SOUK_CHECK_ANSWERS: '1',
    SOUK_LOG: 'fatal',
    SOUK_URL: origin,
    SOUK_OUTBOUND_ALLOW: '127.0.0.1',
  });
  const souk = await compose(config, database.url);
  const jobs = await souk.runJobs('services');
  closing.push(
    () => jobs.stop(),
    () => souk.app.close(),
    () => souk.close(),
    async () => rmSync(dataDir, { recursive: true, force: true }),
  );
  let people = 0;

  type Who = Readonly<Record<string, string>>;
  interface Given<O extends Operation> {
    readonly params?: ParamsOf<O>;
    readonly query?: QueryOf<O>;
    readonly body?: BodyOf<O>;
  }
  async function send<O extends Operation>(who: Who, op: O, given: Given<O> = {}) {
    const params = (given.params ?? {}) as Record<string, string>;
    const path = op.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
    const query = new URLSearchParams((given.query ?? {}) as Record<string, string>).toString();
    return souk.app.inject({
      method: op.method,
      url: query ? `${path}?${query}` : path,
      headers: { ...who, 'x-forwarded-for': `198.51.100.${people}` },
      ...(given.body === undefined ? {} : { payload: given.body as object }),
    });
  }
  const client = (who: Who) => ({
    who,
    async ok<O extends Operation>(op: O, given: Given<O> = {}): Promise<OutputOf<O>> {
      const answer = await send(who, op, given);
      if (answer.statusCode >= 300) throw new Error(`${op.id}: ${answer.statusCode} ${answer.body}`);
      return (answer.body ? answer.json() : undefined) as OutputOf<O>;
    },
    async refused<O extends Operation>(op: O, given: Given<O> = {}): Promise<string> {
      const answer = await send(who, op, given);
      return answer.statusCode < 300
        ? `answered ${answer.statusCode}`
        : answer.json<{ error: { code: string } }>().error.code;
    },
  });
  const cookieOf = (set: string | string[] | undefined): Who => ({
    origin,
    cookie: [set ?? []]
      .flat()
      .map((c) => c.split(';')[0])
      .join('; '),
  });

  async function person(name: string) {
    people++;
    const answer = await send({}, operations.signUp, {
      body: { email: `${name}@example.test`, password, name },
    });
    const accountId = answer.json<Session>().account?.id ?? '';
    return { accountId, ...client(cookieOf(answer.headers['set-cookie'])) };
  }
  async function publisher(slug: string) {
    const made = await person(slug);
    await made.ok(operations.putPublisher, { body: { slug, displayName: slug } });
    const bytes = irisFile('logo.png');
    const upload = await made.ok(operations.createUpload, {
      body: { fileName: 'logo.png', purpose: 'media', sizeBytes: bytes.length },
    });
    await souk.app.inject({
      method: 'PATCH',
      url: `/api/uploads/${upload.id}?offset=0`,
      headers: { ...made.who, 'content-type': 'application/octet-stream' },
      payload: bytes,
    });
    return made;
  }
  async function operator() {
    await souk.createOperator(
      { email: 'operator@example.test', password, name: 'O', accountName: 'Market' },
      false,
    );
    people++;
    const answer = await send({}, operations.signIn, { body: { email: 'operator@example.test', password } });
    return client(cookieOf(answer.headers['set-cookie']));
  }
  type Person = Awaited<ReturnType<typeof publisher>>;

  /** A web service with everything but its credential. */
  async function product(who: Person, slug: string, service: ServiceSection) {
    const made = await who.ok(operations.createProduct, { body: { type: 'web-service', slug } });
    await edit(who, made.id, (d) => ({ ...d, ...listing, service }));
    return made.id;
  }
  async function edit(who: Person, productId: string, change: (d: ProductDocument) => ProductDocument) {
    const { version, document } = await who.ok(operations.getDraft, { params: { productId } });
    return who.ok(operations.putDraft, {
      params: { productId },
      body: { version, document: change(document) },
    });
  }
  /** Until the pipeline waits for somebody or has ended. */
  async function settled(who: Person, submissionId: string): Promise<Submission> {
    for (;;) {
      const found = await who.ok(operations.getSubmission, { params: { submissionId } });
      if (found.state !== 'running') return found;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  return { souk, database, person, publisher, operator, product, edit, settled };
}

const listing: ProductDocument = {
  listing: {
    visibility: 'public',
    title: 'Price Estimator',
    shortDescription: 'Says what a flat costs.',
    longDescription: 'Give rooms and area, get a **price**.',
    highlights: ['Quick'],
    categories: ['Machine Learning'],
  },
  promotion: {
    logo: {
      sha256: createHash('sha256').update(irisFile('logo.png')).digest('hex'),
      contentType: 'image/png',
    },
    keywords: ['flats'],
  },
  support: { offered: false },
  regions: { mode: 'all' },
  plans: [{ id: 'free', name: 'Free' }],
  terms: {
    eula: 'You may use this service for any lawful purpose.',
    refundPolicy: 'No refunds; it is free.',
  },
};
