import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operations } from '@souk/contract';
import { buildImage, layerOf, ociArchive, servingLayer } from '../../server/test/images.ts';
import { call, createIris, goLive, settled, submit, subscribe, upload } from '../../test/journeys/publish.ts';
import {
  createOperator,
  type Person,
  type RunningSouk,
  removeFolder,
  root,
  signUp,
  startSouk,
  until,
} from '../../test/journeys/souk.ts';
import { train, transform } from './jobs.ts';
import type { Places, Who } from './pages.ts';
import { findPlaces } from './places.ts';
import { openService, publishService } from './service.ts';

/** A marketplace with something on every page: a live product, a subscription that was called, an invitation, mail. */
export interface Marketplace {
  readonly url: string;
  readonly people: Readonly<Record<Exclude<Who, 'visitor'>, Person>>;
  readonly places: Places;
  close(): Promise<void>;
}

export async function openMarketplace(): Promise<Marketplace> {
  const service = await openService();
  const souk: RunningSouk = await startSouk({ env: { SOUK_OUTBOUND_ALLOW: '127.0.0.1' } });
  const [operator, publisher, buyer] = await Promise.all([
    createOperator(souk),
    signUp(souk.url, 'publisher'),
    signUp(souk.url, 'buyer'),
  ]);
  const product = await createIris(publisher, 'flowers');
  // Beside everything else: it takes as long as all of it.
  const jobs = train(publisher, buyer);
  await enrich(publisher, product.id);
  const preview = await settled(
    publisher.client,
    await submit(publisher.client, product.id, [buyer.accountId]),
  );
  await goLive(publisher.client, preview);
  await subscribe(buyer.client, 'flowers', 'pay');
  for (let i = 0; i < 5; i++) await call(buyer.client, 'flowers');
  await call(buyer.client, 'flowers', '{}');
  await Promise.all([jobs, endpoint(buyer), flowers(buyer).then(({ id }) => transform(buyer, id))]);
  await publishService({ operator, publisher, buyer }, service.url);
  await talk({ url: souk.url, publisher, buyer });
  await pushImage(publisher);
  await buyer.client.ok(operations.createInvitation, {
    body: { email: 'colleague@example.org', roles: ['buyer', 'finance'] },
  });
  return {
    url: souk.url,
    people: { operator, publisher, buyer },
    places: await findPlaces(publisher.client, buyer.client, operator.client),
    close: async () => {
      await souk.stop();
      service.close();
      removeFolder(souk.dataDir);
    },
  };
}

/** A container image with something to say: packages of three kinds, a port that nobody calls, a layer with a long instruction. */
async function pushImage({ client }: Person): Promise<void> {
  const packages = await layerOf(
    {
      name: 'etc/os-release',
      content: 'ID=debian\nVERSION_ID=12\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    },
    {
      name: 'var/lib/dpkg/status.d/libc6',
      content: 'Package: libc6\nVersion: 2.36-9+deb12u9\nArchitecture: amd64\n',
    },
    {
      name: 'usr/lib/python3/dist-packages/scikit_learn-1.2.1.dist-info/METADATA',
      content: 'Name: scikit-learn\nVersion: 1.2.1\nLicense: BSD-3-Clause\n',
    },
  );
  const history = [
    { created_by: '/bin/sh -c #(nop) ADD file:abc in /' },
    {
      created_by: `RUN apt-get update && apt-get install -y --no-install-recommends ${'python3-sklearn '.repeat(6)}`,
    },
  ];
  const config = { ExposedPorts: { '5000/tcp': {} }, Labels: { maintainer: 'flowers' } };
  const archive = await ociArchive(
    buildImage({ layers: [await servingLayer(), packages], history, config, name: 'flowers/iris:1.0' }),
  );
  const { uploadId } = await upload(client, archive, 'iris.tar', 'image');
  const { id: image } = await client.ok(operations.createImage, { body: { uploadId } });
  await until(
    'the image is looked at',
    () => client.ok(operations.getImage, { params: { image } }),
    ({ status }) => status === 'Completed' || status === 'Failed',
  );
}

/** A product on an instance of the buyer's own. */
async function endpoint(person: Person) {
  const { client } = person;
  const { id } = await flowers(person);
  // Before it, so that the newest endpoint is the one that has a page of its own in the sweep.
  await client.ok(operations.createWebService, {
    body: { name: 'Flowers', subscriptionId: id, instanceType: 'ml.t3.medium' },
  });
  await client.ok(operations.createEndpoint, {
    body: { name: 'flowers', subscriptionId: id, instanceType: 'ml.t3.medium' },
  });
  await until(
    'the endpoint is in service',
    () => client.ok(operations.getEndpoint, { params: { name: 'flowers' } }),
    ({ state }) => state === 'InService',
  );
}

/** A review with a reply, one that was reported, a public question and one that waits, rules and a budget. */
async function talk({ url, publisher, buyer }: { url: string; publisher: Person; buyer: Person }) {
  const { address } = await flowers(buyer);
  // Whoever tests for the publisher cannot review, so somebody else does.
  const reader = await signUp(url, 'reader');
  await subscribe(reader.client, 'flowers', 'free');
  // The gateway hears of a subscription a moment after it was made.
  await until(
    'the reader’s call is answered',
    () => call(reader.client, 'flowers'),
    (answer) => answer.status === 200,
  );
  await until(
    'the reader’s call is metered',
    () => reader.client.ok(operations.getMyReview, { query: address }),
    ({ mayReview }) => mayReview,
  );
  const review = await reader.client.ok(operations.putReview, {
    body: {
      ...address,
      rating: 4,
      title: 'Right on our own flowers',
      text: 'Fast, and it says what it cannot do.',
    },
  });
  await publisher.client.ok(operations.putReviewReply, {
    params: { reviewId: review.id },
    body: { text: 'Thank you. The next version knows hybrids, too.' },
  });
  await buyer.client.ok(operations.reportFeedback, {
    body: { itemId: review.id, reason: 'It speaks of another product.' },
  });
  const words = {
    title: 'How many rows in one call?',
    text: 'We would like to send a day at once.',
    mayPublish: true,
  };
  const asked = await reader.client.ok(operations.askQuestion, { body: { ...address, ...words } });
  const { id: questionId } = asked;
  await publisher.client.ok(operations.addQuestionMessage, {
    params: { questionId },
    body: { text: 'Five hundred.' },
  });
  await publisher.client.ok(operations.publishQuestion, { params: { questionId }, body: { public: true } });
  await buyer.client.ok(operations.askQuestion, {
    body: { ...address, title: 'Is there a volume price?', text: 'For a million calls a month.' },
  });
  // The catalogue draws its entry a moment after the live slot has moved.
  await until(
    'the publisher in the catalogue',
    () => buyer.client.send(operations.getPublisherPage, { params: { publisher: address.publisher } }),
    (page) => page.status === 200,
  );
  await buyer.client.ok(operations.putGovernance, {
    body: {
      version: 0,
      default: 'request',
      contact: '',
      rules: [{ kind: 'publisher', value: 'flowers', effect: 'allow', note: 'We know them' }],
    },
  });
  await buyer.client.ok(operations.createBudget, {
    body: { scope: 'account', amount: '25.00', currency: 'USD', hardStop: true },
  });
}

/** The product that the buyer calls, and how it is called. */
async function flowers(
  buyer: Person,
): Promise<{ id: string; address: { publisher: string; product: string } }> {
  const { items } = await buyer.client.ok(operations.listSubscriptions);
  const found = items.find((s) => s.product === 'iris');
  if (!found) throw new Error('The buyer is not subscribed to the flowers.');
  return { id: found.id, address: { publisher: found.publisher, product: found.product } };
}

/** Everything that a listing can have besides what it must, so that the pages are looked at with all of it. */
async function enrich({ client }: Person, productId: string): Promise<void> {
  const draft = await client.ok(operations.getDraft, { params: { productId } });
  const chart = await upload(client, readFileSync(join(root, 'docs/images/home.png')), 'chart.png', 'media');
  const rows = Buffer.from('5.1,3.5,1.4,0.2\n6.2,2.9,4.3,1.3\n');
  const batch = await upload(client, rows, 'two flowers.csv', 'sample');
  const { document } = draft;
  const [version] = document.versions ?? [];
  if (!version) throw new Error('The listing has no version.');
  const parameter = (name: string, constraints: string) => ({
    name,
    description: `What ${name} means, in a sentence that is long enough to wrap in a narrow column.`,
    constraints,
    required: name === 'rows',
  });
  await client.ok(operations.putDraft, {
    params: { productId },
    body: {
      version: draft.version,
      document: {
        ...document,
        promotion: {
          ...document.promotion,
          images: [
            {
              image: { sha256: chart.sha256, contentType: 'image/png' },
              alt: 'Where the three kinds lie, by the length of their petals',
            },
          ],
          links: [{ text: 'The data set', url: 'https://archive.example.org/iris' }],
          videoUrl: 'https://video.example.org/iris',
        },
        versions: [
          {
            ...version,
            input: {
              ...version.input,
              limitations: 'Only for the three kinds it was trained on; lengths in **centimetres**.',
              parameters: [
                parameter('rows', '1 to 1,000'),
                parameter('a_long_parameter_name_without_a_blank', 'any'),
              ],
              customAttributes: [parameter('trace', 'up to 64 characters')],
              samples: {
                ...version.input?.samples,
                batchFile: { sha256: batch.sha256, fileName: 'two flowers.csv', sizeBytes: rows.length },
              },
              formats: [
                { contentType: 'text/csv', description: 'One flower a line.', realtime: '5.1,3.5,1.4,0.2' },
              ],
            },
          },
        ],
      },
    },
  });
}
