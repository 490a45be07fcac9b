import type { StageName } from '@souk/contract';
import { inTx, type Tx } from '../../platform/db.ts';
import type { DomainEvent, Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import { stageDefinition } from './pipeline.ts';
import { message } from './publishing.rules.ts';
import * as store from './publishing.sql.ts';
import type { StageRow, SubmissionRow } from './publishing.ts';

export type Notify = (tx: Tx, news: News) => Promise<unknown>;

/** What is said about a submission; whom and where follows from `to`. */
interface Notice extends Pick<News, 'title' | 'text'> {
  readonly to: 'publisher' | 'operator';
  readonly mail: boolean;
}

const findingsShown = 5;

/** Tells publishers and the operator's people, in the application and by mail, where a submission needs them or has arrived. */
export function publishingSubscribers({ db }: Pick<Platform, 'db'>, notify: Notify): Subscriber[] {
  return [
    {
      name: 'publishing-notices',
      types: Object.keys(notices),
      async handle(event) {
        const id = submissionOf(event);
        const s = await store.find(db, id);
        if (!s) return;
        const list = notices[event.type]?.(s, await store.stagesOf(db, id), event) ?? [];
        await inTx(db, async (tx) => {
          for (const { to, ...notice } of list)
            await notify(tx, { ...notice, ...addressees(to, s), source: `event:${event.id}` });
        });
      },
    },
  ];
}

/** `submission.released` is news of the product; all others are news of the submission. */
const submissionOf = ({ type, subject, data }: DomainEvent) =>
  type === 'submission.released' ? String(data.submissionId) : subject;

const addressees = (to: Notice['to'], s: SubmissionRow): Pick<News, 'accountId' | 'roles' | 'link'> =>
  to === 'operator'
    ? {
        accountId: 'operator',
        roles: ['operator-admin', 'operator-reviewer'],
        link: `/operate/submissions/${s.id}`,
      }
    : {
        accountId: s.accountId,
        roles: ['admin', 'publisher'],
        link: `/publish/products/${s.productId}/submissions/${s.id}`,
      };

const about = (s: SubmissionRow) => `${s.document.listing?.title ?? s.productSlug}, revision ${s.revision}`;
const stageTitle = (event: DomainEvent) => stageDefinition(event.data.stage as StageName).title;

/** By the event's type. They speak of what happened then; the submission may be further by the time somebody reads. */
const notices: Readonly<
  Record<string, (s: SubmissionRow, stages: readonly StageRow[], event: DomainEvent) => Notice[]>
> = {
  'submission.in-preview': (s) => [
    {
      to: 'publisher',
      title: `${about(s)}: in preview`,
      text: message({ ...s, state: 'waiting', stage: 'sign-off' }, []),
      mail: true,
    },
  ],
  'submission.refused': (s, stages, event) => [
    {
      to: 'publisher',
      title: `${about(s)}: ${stageTitle(event)} found something to mend`,
      text: refusal(s, stages, event.data.stage as StageName),
      mail: true,
    },
  ],
  // The operator first: who is both is told once, and has to act.
  'submission.held': (s, _stages, event) => [
    {
      to: 'operator',
      title: `${s.publisher}/${s.productSlug}, revision ${s.revision}: held at ${stageTitle(event)}`,
      text: `${String(event.data.reason)} When it is mended, let the stage be tried again.`,
      mail: true,
    },
    {
      to: 'publisher',
      title: `${about(s)}: waits for the operator`,
      text: message({ ...s, state: 'held', stage: event.data.stage as StageName }, []),
      mail: false,
    },
  ],
  'submission.in-review': (s) => [
    {
      to: 'operator',
      title: `${s.publisher}/${s.productSlug}, revision ${s.revision}: waits for a review`,
      text: `${s.submittedBy} submitted it. Read it whole, then approve or reject it with a reason.`,
      mail: true,
    },
  ],
  'submission.released': (s) => [
    {
      to: 'publisher',
      title: `${about(s)}: live`,
      text:
        s.document.listing?.visibility === 'private'
          ? 'The accounts of its audience can subscribe now.'
          : 'It is in the catalogue, and everybody can subscribe now.',
      mail: true,
    },
  ],
};

function refusal(s: SubmissionRow, stages: readonly StageRow[], stage: StageName): string {
  const errors = (stages.find((x) => x.stage === stage)?.findings ?? []).filter(
    (f) => f.severity === 'error',
  );
  const more = errors.length - findingsShown;
  return [
    message({ ...s, state: 'refused', stage }, stages),
    ...errors.slice(0, findingsShown).map((f) => `- ${f.message} ${f.remedy}`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('\n');
}
