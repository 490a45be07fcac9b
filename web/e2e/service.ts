import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { operations, type ServiceSection } from '@souk/contract';
import { irisFile } from '../../test/iris-document.ts';
import { settled, submit, upload } from '../../test/journeys/publish.ts';
import type { Person } from '../../test/journeys/souk.ts';

/** A service of a publisher's own, outside of Souk: prices of flats as JSON. */
export async function openService(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://service');
    const rooms = Number(searchParams.get('rooms'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        rows: Array.from({ length: rooms }, (_, index) => ({
          floor: index,
          price: 90_000 * rooms + 1500.5 * index,
          'Scored Labels': index > 2 ? 'dear' : 'fair',
          since: '2026-01-31',
        })),
      }),
    );
  });
  // A market that could not be set up ends with the error that says why, and is not held open by this.
  server.unref();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const section = (url: string): ServiceSection => ({
  url,
  authentication: { scheme: 'none' },
  operations: [
    {
      name: 'Estimate',
      title: 'Estimate a flat',
      description: 'What a flat sells for, **floor by floor**.',
      kind: 'function',
      collection: true,
      parameters: [
        { name: 'rooms', type: 'Edm.Int32', description: 'Kitchen and bath do not count', sample: '3' },
        { name: 'district', type: 'Edm.String', values: ['Altstadt', 'Hafen', 'Neustadt'] },
        { name: 'balcony', type: 'Edm.Boolean', default: 'false' },
        { name: 'built', type: 'Edm.Date', nullable: true },
      ],
      columns: [
        { name: 'floor', type: 'Edm.Int32', key: true },
        { name: 'price', type: 'Edm.Double', description: 'In euro' },
        { name: 'label', title: 'Scored Labels', type: 'Edm.String' },
        { name: 'since', type: 'Edm.Date' },
      ],
      request: {
        method: 'GET',
        path: '/flats?rooms={rooms}&district={district}&balcony={balcony}&built={built}',
      },
      response: { format: 'json', rows: '$.rows[*]' },
    },
    {
      name: 'Floors',
      kind: 'function',
      collection: true,
      parameters: [],
      columns: [
        { name: 'floor', type: 'Edm.Int32', key: true },
        { name: 'price', type: 'Edm.Double' },
      ],
      request: { method: 'GET', path: '/flats?rooms=5' },
      response: { format: 'json', rows: '$.rows[*]' },
    },
  ],
  sample: { operation: 'Estimate', arguments: { rooms: 3, district: 'Altstadt' } },
});

/** Described, checked, approved and subscribed to: its page has everything that the page of a web service can have. */
export async function publishService(
  people: { readonly operator: Person; readonly publisher: Person; readonly buyer: Person },
  url: string,
): Promise<void> {
  const { client } = people.publisher;
  const { sha256 } = await upload(client, irisFile('logo.png'), 'logo.png', 'media');
  const { id: productId } = await client.ok(operations.createProduct, {
    body: { type: 'web-service', slug: 'flat-prices' },
  });
  const { version, document } = await client.ok(operations.getDraft, { params: { productId } });
  await client.ok(operations.putDraft, {
    params: { productId },
    body: {
      version,
      document: {
        ...document,
        service: section(url),
        listing: {
          visibility: 'public',
          title: 'Prices of flats',
          shortDescription: 'Says what a flat costs.',
          longDescription: 'Give rooms and district, get a **price** for each floor.',
          highlights: ['Quick'],
          categories: ['Machine Learning'],
        },
        promotion: { logo: { sha256, contentType: 'image/png' }, keywords: ['flats'] },
        support: { offered: false },
        regions: { mode: 'all' },
        plans: [{ id: 'free', name: 'Free' }],
        terms: { eula: 'You may use this service for any lawful purpose.', refundPolicy: 'It is free.' },
      },
    },
  });
  const preview = await settled(client, await submit(client, productId));
  const params = { submissionId: preview.id };
  const signed = await client.ok(operations.signOff, { params, body: { revision: preview.revision } });
  const waiting = await settled(client, signed);
  if (waiting.stage === 'review')
    await people.operator.client.ok(operations.reviewSubmission, {
      params,
      body: { decision: 'approve', comment: 'Good.' },
    });
  const released = await settled(client, waiting);
  if (released.state !== 'released')
    throw new Error(
      `the service is ${released.state} at ${released.stage}: ${JSON.stringify(released.stages)}`,
    );
  const at = { publisher: 'flowers', product: 'flat-prices' };
  const page = await people.buyer.client.ok(operations.getCatalogProduct, { params: at });
  await people.buyer.client.ok(operations.subscribe, {
    body: { ...at, planId: 'free', eulaSha256: page.eula.sha256, acceptEula: true },
  });
}
