import { type Finding, hasNoErrors, type Policies } from '@souk/contract';
import { inTx, type Tx } from '../../platform/db.ts';
import { enqueue } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { findSandbox } from '../../platform/sandbox.ts';
import type { WhileScanning } from '../certification/index.ts';
import type { StartServable, Trials } from '../runtime/index.ts';
import type { PackageNeeds } from './models.container.ts';
import { certifiedAs, failureReason, profileOf, servedBy } from './models.rules.ts';
import * as store from './models.sql.ts';
import { imageGone, serverGone, validateContainer } from './models.try-container.ts';
import type { ModelPackageRow } from './models.ts';
import { ensureUnpacked } from './models.unpacked.ts';
import { type Instance, validate } from './models.validate.ts';
import { scanGap, type Verdicts } from './models.verdicts.ts';

export const checkJob = 'model-package-check';
const heldPauseMs = 30_000;
const settled = Promise.resolve();

export interface CheckNeeds {
  readonly verdicts: Verdicts;
  readonly start: StartServable;
  readonly trials: Pick<Trials, 'keep'>;
  /** Where this place can run containers: the images that it may, and what it does it with. */
  readonly image: PackageNeeds['image'];
  /** Why no container can be run here, with the command that changes it; null where one can. */
  containersMissing(): Promise<string | null>;
  /** Of a container in its checks; else the contract's eight minutes. */
  readonly startTimeoutMs?: number;
  readonly secondChanceMs?: number;
  /** Looks at a server now; undefined where it is not open to the account any more. `unwell` says why it cannot be called, null where it can. */
  server(accountId: string, serverId: string): Promise<{ readonly unwell: string | null } | undefined>;
  policies(): Promise<Policies>;
  /** Findings about a package once the exceptions that were granted to the account are applied. */
  lift(accountId: string, packageSha256: string, findings: readonly Finding[]): Promise<readonly Finding[]>;
}

/** Enqueued together with what it belongs to. One job for each package: a second replaces one that waits. */
export const enqueueCheck = (tx: Tx, id: string, runAt?: Date) =>
  enqueue(tx, checkJob, { modelPackageId: id }, { key: `model-package:${id}`, ...(runAt ? { runAt } : {}) });

export type Check = (id: string) => Promise<void>;

/**
 * Walks a package from Pending to Completed or Failed: certification, and a run with the sample, which begins while the scan goes on (the
 * sandbox that keeps in what a model does is the same before and after). Every step may be repeated, and the state moves only from
 * what it was; so a process killed anywhere is followed by another run that ends the same way.
 */
export function newCheck(platform: Platform, needs: CheckNeeds): Check {
  const { db, events, log } = platform;

  return async (id) => {
    const found = await store.find(db, id);
    if (!found || (found.status !== 'Pending' && found.status !== 'InProgress')) return;
    if (found.status === 'Pending') await begin(found);
    const p = { ...found, status: 'InProgress' as const };
    let step: 'scan' | 'validation' = 'scan';
    let tried: Promise<Finding[]> | undefined;
    try {
      const { container, program, serverId } = p.inferenceSpecification;
      const scanned = await scan(
        p,
        // Code is run when everything is known about it, and not before; a model is data.
        container || program || serverId
          ? undefined
          : async (folder, quiet) => {
              tried = tryOut(p, folder, quiet);
              await tried;
            },
      );
      if (!scanned) return;
      step = 'validation';
      const findings = program
        ? await tryServed(p, await sandboxMissing())
        : serverId
          ? await tryServer(p, serverId)
          : container
            ? await tryContainer(p, container.image)
            : await (tried ?? tryOut(p, await ensureUnpacked(platform, p.archiveSha256), settled));
      if (!findings) return;
      if (!hasNoErrors(findings)) return await refuse(p, 'validation', [...scanned, ...findings]);
      await complete(p, [...scanned, ...findings]);
    } catch (error) {
      log.error({ err: error, modelPackage: id, step }, 'the check of a model package failed on our side');
      const message =
        'Something broke on our side. The check is tried again by itself; you need not do anything.';
      await inTx(db, (tx) =>
        store.note(tx, id, step === 'scan' ? { scanMessage: message } : { validationMessage: message }),
      );
      throw error;
    }
  };

  async function begin(p: ModelPackageRow) {
    await inTx(db, (tx) => store.move(tx, p, 'checks-begun', { scanStatus: 'InProgress' }));
  }

  /** The findings that let the package pass; undefined when it was refused or waits. */
  async function scan(
    p: ModelPackageRow,
    whileScanning: WhileScanning | undefined,
  ): Promise<readonly Finding[] | undefined> {
    const { verdict } = await needs.verdicts.of(p.archiveSha256, whileScanning, certifiedAs(p));
    const { onnx } = verdict;
    const findings = await needs.lift(p.accountId, p.archiveSha256, verdict.findings);
    if (!hasNoErrors(findings)) {
      await refuse(p, 'scan', findings, onnx);
      return undefined;
    }
    const gap = scanGap(verdict);
    if (gap && (await needs.policies()).scannerMissing === 'hold') {
      await hold(p, { scanMessage: `Waits for the marketplace’s virus scanner (${gap}).` });
      return undefined;
    }
    await inTx(db, (tx) =>
      store.note(tx, p.id, {
        scanStatus: 'Completed',
        scanMessage: unscanned(p, gap),
        validationStatus: 'InProgress',
        onnx,
        findings,
      }),
    );
    return findings;
  }

  async function tryOut(p: ModelPackageRow, folder: string, quiet: Promise<unknown>): Promise<Finding[]> {
    const { start, trials } = needs;
    // What a buyer's data made takes what those data have: the sample of the algorithm need not fit it.
    const profile = p.trainedBySubscriptionId ? null : profileOf(p);
    const tried = { name: p.name, servable: servedBy(p), profile };
    return validate({ start, trials, quiet }, tried, folder, await instanceFor(p));
  }

  /** The first of the package's own types that is enabled now. */
  async function instanceFor(p: ModelPackageRow): Promise<Instance> {
    const enabled = await store.enabledInstanceTypes(db);
    for (const name of p.inferenceSpecification.supportedRealtimeInferenceInstanceTypes) {
      const found = enabled.find((i) => i.name === name);
      if (found) return found;
    }
    throw new Error(`none of the instance types of ${p.arn} is enabled any more`);
  }

  /** Undefined: it waits. */
  async function tryContainer(p: ModelPackageRow, image: string): Promise<Finding[] | undefined> {
    // The image of a model that a buyer trained is its publisher's, who cannot delete it while the version is there.
    if (!p.trainedBySubscriptionId && !(await needs.image(db, p.accountId, image))) return [imageGone(image)];
    const gap = await needs.containersMissing();
    return tryServed(p, gap === null ? null : `Waits for a place to run containers: ${gap}.`);
  }

  /** Where it is away, before or while it is tried, that is nobody's mistake: the package waits for it. */
  async function tryServer(p: ModelPackageRow, serverId: string): Promise<Finding[] | undefined> {
    const waits = async () => {
      const server = await needs.server(p.accountId, serverId);
      return server?.unwell
        ? `Waits for the server ${p.inferenceSpecification.server}: ${server.unwell}.`
        : null;
    };
    if (!(await needs.server(p.accountId, serverId)))
      return [serverGone(p.inferenceSpecification.server ?? serverId)];
    const findings = await tryServed(p, await waits());
    if (!findings || hasNoErrors(findings)) return findings;
    const lost = await waits();
    if (lost === null) return findings;
    await hold(p, { validationMessage: lost });
    return undefined;
  }

  async function tryServed(p: ModelPackageRow, waits: string | null): Promise<Finding[] | undefined> {
    if (waits !== null) {
      await hold(p, { validationMessage: waits });
      return undefined;
    }
    await inTx(db, (tx) => store.note(tx, p.id, { validationMessage: null }));
    const profile = p.trainedBySubscriptionId ? null : profileOf(p);
    const tried = { name: p.name, servable: servedBy(p), profile };
    return validateContainer(needs, tried, await instanceFor(p));
  }

  async function hold(p: ModelPackageRow, message: { scanMessage: string } | { validationMessage: string }) {
    const goesOn = ' The check goes on by itself; you need not do anything.';
    await inTx(db, async (tx) => {
      await store.note(
        tx,
        p.id,
        'scanMessage' in message
          ? { scanMessage: message.scanMessage + goesOn }
          : { validationMessage: message.validationMessage + goesOn },
      );
      await enqueueCheck(tx, p.id, new Date(platform.clock.now().getTime() + heldPauseMs));
    });
  }

  async function refuse(
    p: ModelPackageRow,
    step: 'scan' | 'validation',
    findings: readonly Finding[],
    onnx?: ModelPackageRow['onnx'],
  ) {
    const reason = failureReason(findings);
    await inTx(db, async (tx) => {
      const failed =
        step === 'scan'
          ? { scanStatus: 'Failed' as const, scanMessage: reason }
          : { validationStatus: 'Failed' as const, validationMessage: reason };
      if (
        !(await store.move(tx, p, 'refused', {
          ...failed,
          failureReason: reason,
          findings,
          onnx: onnx ?? null,
        }))
      )
        return;
      await tell(tx, p, 'model-package.failed', { name: p.name, reason });
    });
  }

  async function complete(p: ModelPackageRow, findings: readonly Finding[]) {
    await inTx(db, async (tx) => {
      if (
        !(await store.move(tx, p, 'checks-passed', {
          validationStatus: 'Completed',
          validationMessage: null,
          findings,
        }))
      )
        return;
      await tell(tx, p, 'model-package.completed', { name: p.name });
    });
  }

  async function tell(tx: Tx, p: ModelPackageRow, type: string, data: Record<string, unknown>) {
    await events.publish(tx, { type, subject: p.id, accountId: p.accountId, data });
  }
}

/** What was not looked at, in words; null where everything was. */
function unscanned({ inferenceSpecification: { server } }: ModelPackageRow, gap: string | undefined) {
  if (server !== undefined) return `The weights were not scanned: they are on the server ${server}.`;
  return gap ? `Not scanned for malware: ${gap}.` : null;
}

async function sandboxMissing(): Promise<string | null> {
  const sandbox = await findSandbox();
  return sandbox.kind === 'none'
    ? `This marketplace has no sandbox to serve programs in (${sandbox.reason}).`
    : null;
}
