import { type Finding, hasNoErrors, type Policies } from '@souk/contract';
import { inTx, type Tx } from '../../platform/db.ts';
import { enqueue } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { found as refusedFor } from '../certification/index.ts';
import { failureReason } from '../models/index.ts';
import type { Brought, KeepArchive } from './images.keep.ts';
import { type PullImage, RegistryFault } from './images.pull.ts';
import type { Credentials } from './images.registry-token.ts';
import { accountBytesMaxOf, bytesMaxOf } from './images.rules.ts';
import * as store from './images.sql.ts';
import type { ImageRow } from './images.ts';
import type { Verdict } from './images.verdict.ts';

export const checkJob = 'image-check';
const heldPauseMs = 30_000;
const turnPauseMs = 2000;

export interface CheckNeeds {
  readonly keepArchive: KeepArchive;
  readonly pull: PullImage;
  readonly verdict: Verdict;
  /** Ends what is looked at when this process ends. */
  readonly signal: AbortSignal;
  policies(): Promise<Policies>;
  /** Takes what a granted appeal has settled off the findings. */
  lift(accountId: string, sha256: string, findings: readonly Finding[]): Promise<readonly Finding[]>;
}

/** Enqueued together with what it belongs to. One job for each image: a second replaces one that waits. */
export const enqueueCheck = (tx: Tx, id: string, runAt?: Date) =>
  enqueue(tx, checkJob, { imageId: id }, { key: `image:${id}`, ...(runAt ? { runAt } : {}) });

export type ImageCheck = (id: string) => Promise<void>;

/**
 * Walks an image from Pending to Completed or Failed: brings it here, then looks at it. Each step may be repeated, and the state
 * moves only from what it was; so a process killed anywhere is followed by another run that ends the same way.
 */
export function newCheck(platform: Platform, needs: CheckNeeds): ImageCheck {
  const { db, events, log, sealer } = platform;
  // One at a time: unpacking takes a processor and much of the disk's time, and the jobs beside it must go on.
  let busy = false;

  return async (id) => {
    const found = await store.find(db, id);
    if (!found || (found.status !== 'Pending' && found.status !== 'Scanning')) return;
    if (busy) return await again(id, turnPauseMs);
    busy = true;
    try {
      if (found.status === 'Pending') await inTx(db, (tx) => store.move(tx, found, 'checks-begun'));
      await check({ ...found, status: 'Scanning' });
    } catch (error) {
      log.error({ err: error, image: id }, 'the check of an image failed on our side');
      const message =
        'Something broke on our side. The check is tried again by itself; you need not do anything.';
      await inTx(db, (tx) => store.note(tx, id, { statusMessage: message }));
      throw error;
    } finally {
      busy = false;
    }
  };

  async function check(i: ImageRow): Promise<void> {
    const digest = i.digest ?? (await bring(i));
    if (digest === null) return;
    await inTx(db, (tx) =>
      store.note(tx, i.id, {
        statusMessage: 'Layers are scanned, packages listed, the entry point checked.',
      }),
    );
    const { key, examined } = await needs.verdict(digest, needs.signal);
    const findings = await needs.lift(i.accountId, digest.slice('sha256:'.length), examined.findings);
    const { malware } = examined;
    const gap =
      malware.state === 'clean' || malware.state === 'found' ? null : (malware.reason ?? 'no answer');
    if (!hasNoErrors(findings)) return await refuse(i, findings, { digest, verdictKey: key });
    if (gap !== null && (await needs.policies()).scannerMissing === 'hold') {
      const message = `Waits for the marketplace’s virus scanner (${gap}). The check goes on by itself; you need not do anything.`;
      await inTx(db, (tx) => store.note(tx, i.id, { statusMessage: message }));
      return await again(i.id, heldPauseMs);
    }
    await inTx(db, async (tx) => {
      const said = gap === null ? null : `Not scanned for malware: ${gap}.`;
      const passed = { digest, verdictKey: key, statusMessage: said, findings };
      if (!(await store.move(tx, i, 'checks-passed', passed))) return;
      await store.removeOlder(tx, i, digest);
      await tell(tx, i, 'image.completed', { name: i.name, digest });
    });
  }

  /** The image’s digest once it is here; null when it was refused. */
  async function bring(i: ImageRow): Promise<string | null> {
    const bytesMax = bytesMaxOf(await needs.policies());
    let brought: Brought;
    if (i.source.kind === 'registry') {
      const { reference } = i.source;
      await inTx(db, (tx) => store.note(tx, i.id, { statusMessage: `Fetching ${reference}.` }));
      brought = await needs
        .pull(reference, credentialsOf(i), bytesMax, needs.signal)
        .catch((error: unknown): Brought => {
          if (!(error instanceof RegistryFault)) throw error;
          return { ok: false, findings: [error.finding] };
        });
    } else {
      if (i.archiveSha256 === null) throw new Error(`the image ${i.id} has neither archive nor digest`);
      await inTx(db, (tx) => store.note(tx, i.id, { statusMessage: 'The archive is taken apart.' }));
      brought = await needs.keepArchive(i.archiveSha256, bytesMax, needs.signal);
    }
    if (!brought.ok) {
      await refuse(i, brought.findings, { brought: true });
      return null;
    }
    const { digest, name } = brought;
    if (await isFull(i, digest)) return null;
    const named = i.source.kind === 'upload' && i.name === i.source.fileName && name ? { name } : {};
    await inTx(db, (tx) => store.note(tx, i.id, { digest, brought: true, ...named }));
    return digest;
  }

  /** Whether the account may not keep this one as well; then it is refused, and let go. */
  async function isFull(i: ImageRow, digest: string): Promise<boolean> {
    const limitBytes = accountBytesMaxOf(await needs.policies());
    const usedBytes = await inTx(db, async (tx) => {
      await store.note(tx, i.id, { digest });
      const used = await store.keptBytes(tx, i.accountId);
      if (used > limitBytes) await store.letGo(tx, i.id);
      return used;
    });
    if (usedBytes <= limitBytes) return false;
    const gigabytes = (n: number) => `${(n / 1e9).toFixed(1)} GB`;
    const message = `With this image the account would keep ${gigabytes(usedBytes)}; it may keep ${gigabytes(limitBytes)}.`;
    await refuse(i, [refusedFor('image.account_full', { message })], { brought: true });
    return true;
  }

  function credentialsOf(i: ImageRow): Credentials | null {
    return i.credentialsSealed === null
      ? null
      : (JSON.parse(sealer.open(i.credentialsSealed, `images:${i.id}`)) as Credentials);
  }

  async function refuse(i: ImageRow, findings: readonly Finding[], outcome: store.Outcome): Promise<void> {
    const reason = failureReason(findings);
    await inTx(db, async (tx) => {
      const refused = { ...outcome, brought: true, statusMessage: null, failureReason: reason, findings };
      if (!(await store.move(tx, i, 'refused', refused))) return;
      await tell(tx, i, 'image.failed', { name: i.name, reason });
    });
  }

  async function again(id: string, pauseMs: number): Promise<void> {
    await inTx(db, (tx) => enqueueCheck(tx, id, new Date(platform.clock.now().getTime() + pauseMs)));
  }

  async function tell(tx: Tx, i: ImageRow, type: string, data: Record<string, unknown>) {
    await events.publish(tx, { type, subject: i.id, accountId: i.accountId, data });
  }
}
