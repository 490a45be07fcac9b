import { inTx, type Tx } from '../../platform/db.ts';
import type { DomainEvent, Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import { find } from './publishers.sql.ts';

type Notify = (tx: Tx, news: News) => Promise<unknown>;
type Notice = Pick<News, 'title' | 'text'> & {
  readonly to: 'publisher' | 'operator' | 'payee';
  readonly section?: string;
};

/** Tells the operator's people and the publisher's where one waits for the other, and whenever money could go elsewhere. */
export function publisherSubscribers({ db }: Pick<Platform, 'db'>, notify: Notify): Subscriber[] {
  return [
    {
      name: 'publisher-notices',
      types: Object.keys(notices),
      async handle(event) {
        const publisher = await find(db, event.subject);
        const list = publisher ? (notices[event.type]?.(publisher.displayName, event) ?? []) : [];
        await inTx(db, async (tx) => {
          for (const { to, section = 'verification', ...notice } of list)
            await notify(tx, {
              ...notice,
              ...(to === 'operator'
                ? {
                    accountId: 'operator',
                    roles: ['operator-admin', 'operator-finance'],
                    link: `/operate/publishers/${event.subject}`,
                  }
                : {
                    accountId: event.subject,
                    roles: to === 'payee' ? ['admin', 'finance'] : ['admin', 'publisher', 'finance'],
                    link: `/publish/profile?section=${section}`,
                  }),
              source: `event:${event.id}`,
              mail: true,
            });
        });
      },
    },
  ];
}

const words = (event: DomainEvent, name: string) => String(event.data[name] ?? '');

const notices: Readonly<Record<string, (name: string, event: DomainEvent) => Notice[]>> = {
  'publisher.verification-requested': (name, event) => [
    {
      to: 'operator',
      title: `${name} asks to be verified`,
      text:
        words(event, 'text') || 'Look at the profile, taxes and bank; then verify, ask for more, or decline.',
    },
  ],
  'publisher.verification-approved': (name, event) => [
    { to: 'publisher', title: `${name} is verified`, text: words(event, 'text') },
  ],
  'publisher.verification-more-asked': (name, event) => [
    {
      to: 'publisher',
      title: `The operator needs more to verify ${name}`,
      text: `${words(event, 'text')}\n\nChange what is asked for, then answer on the page below.`,
    },
  ],
  'publisher.verification-rejected': (name, event) => [
    {
      to: 'publisher',
      title: `${name} was not verified`,
      text: `${words(event, 'text')}\n\nWhat is published stays. You may ask again when this has changed.`,
    },
  ],
  'publisher.verification-changed': (name, event) =>
    event.data.from !== 'verified'
      ? []
      : [
          {
            to: 'operator',
            title: `${name} changed and must be verified again`,
            text: `${words(event, 'text')} Payouts wait until somebody has looked.`,
          },
          {
            to: 'publisher',
            title: `${name} is verified again before the next payout`,
            text: `${words(event, 'text')} What is published stays; payouts wait until the operator has looked.`,
          },
        ],
  'publisher.bank-given': (name, event) => [
    {
      to: 'payee',
      title: `The bank details of ${name} were ${event.data.first ? 'given' : 'changed'}`,
      text: `${words(event, 'by')} did this. If it was not meant, change them back and tell the operator at once.`,
      section: 'bank',
    },
  ],
  'publisher.details-revealed': (name, event) => [
    {
      to: 'payee',
      title: `The operator opened the ${event.data.what === 'tax' ? 'tax interview' : 'bank details'} of ${name}`,
      text: `The reason given: ${words(event, 'reason')}`,
      section: words(event, 'what'),
    },
  ],
};
