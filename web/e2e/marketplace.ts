import { operations } from '@souk/contract';
import { call, createIris, goLive, settled, submit, subscribe } from '../../test/journeys/publish.ts';
import {
  createOperator,
  type Person,
  type RunningSouk,
  removeFolder,
  signUp,
  startSouk,
} from '../../test/journeys/souk.ts';
import type { Places, Who } from './pages.ts';
import { findPlaces } from './places.ts';

/** A marketplace with something on every page: a live product, a subscription that was called, an invitation, mail. */
export interface Marketplace {
  readonly url: string;
  readonly people: Readonly<Record<Exclude<Who, 'visitor'>, Person>>;
  readonly places: Places;
  close(): Promise<void>;
}

export async function openMarketplace(): Promise<Marketplace> {
  const souk: RunningSouk = await startSouk();
  const [operator, publisher, buyer] = await Promise.all([
    createOperator(souk),
    signUp(souk.url, 'publisher'),
    signUp(souk.url, 'buyer'),
  ]);
  const product = await createIris(publisher, 'flowers');
  const preview = await settled(
    publisher.client,
    await submit(publisher.client, product.id, [buyer.accountId]),
  );
  await goLive(publisher.client, preview);
  await subscribe(buyer.client, 'flowers', 'pay');
  for (let i = 0; i < 5; i++) await call(buyer.client, 'flowers');
  await call(buyer.client, 'flowers', '{}');
  await buyer.client.ok(operations.createInvitation, {
    body: { email: 'colleague@example.org', roles: ['buyer', 'finance'] },
  });
  return {
    url: souk.url,
    people: { operator, publisher, buyer },
    places: await findPlaces(publisher.client, buyer.client, operator.client),
    close: async () => {
      await souk.stop();
      removeFolder(souk.dataDir);
    },
  };
}
