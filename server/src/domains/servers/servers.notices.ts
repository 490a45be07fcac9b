import { inTx, type Tx } from '../../platform/db.ts';
import type { Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';

/** Tells the operator's people when a server is lost, and when it is back. */
export function serverSubscribers(
  { db }: Pick<Platform, 'db'>,
  notify: (tx: Tx, news: News) => Promise<unknown>,
): Subscriber[] {
  return [
    {
      name: 'server-notices',
      types: ['server.lost', 'server.back'],
      async handle({ id, type, data }) {
        const [name, detail] = [String(data.name), String(data.detail)];
        const lost = type === 'server.lost';
        await inTx(db, (tx) =>
          notify(tx, {
            accountId: 'operator',
            roles: ['operator-admin'],
            title: lost ? `The server ${name} cannot be called` : `The server ${name} can be called again`,
            text: lost
              ? `${detail}. What it serves answers its callers with an error until it is back.`
              : 'What it serves answers again.',
            link: '/operate/servers',
            source: `event:${id}`,
            mail: lost,
          }),
        );
      },
    },
  ];
}
