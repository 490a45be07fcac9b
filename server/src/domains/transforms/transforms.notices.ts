import { inTx, type Tx } from '../../platform/db.ts';
import type { Events, Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import type { TransformRow } from './transforms.ts';

type Notify = (tx: Tx, news: News) => Promise<unknown>;

/** The news that a job has ended, in the transaction that ends it. */
export const publishEnded = (events: Events) => async (tx: Tx, job: TransformRow) =>
  events.publish(tx, {
    type: 'transform.ended',
    subject: job.id,
    accountId: job.accountId,
    data: {
      name: job.name,
      model: job.model.name,
      state: job.state,
      personId: job.personId,
      problem: job.failure?.message ?? '',
      rows: job.rowsDone,
      files: job.filesDone,
      output: job.request.transformOutput.uri,
    },
  });

/** Tells whoever began a job how it ended: it may have taken hours. */
export function transformSubscribers({ db }: Pick<Platform, 'db'>, notify: Notify): Subscriber[] {
  return [
    {
      name: 'transform-notices',
      types: ['transform.ended'],
      async handle({ id, accountId, data }) {
        const text = (name: string) => String(data[name] ?? '');
        await inTx(db, (tx) =>
          notify(tx, {
            accountId: accountId ?? '',
            personId: text('personId'),
            roles: [],
            mail: true,
            title: `${text('name')}: ${text('state') === 'Completed' ? 'completed' : text('state').toLowerCase()}`,
            text:
              text('state') === 'Completed'
                ? `${text('model')} answered ${text('rows')} records of ${text('files')} files. The results are at ${text('output')}.`
                : `${text('problem')} ${text('files')} files were finished; they stay.`.trim(),
            link: `/transforms/${text('name')}`,
            source: `event:${id}`,
          }),
        );
      },
    },
  ];
}
