import { statfs } from 'node:fs/promises';
import type { HealthCheck, InstanceType, Policies } from '@souk/contract';
import type { Static } from 'typebox';
import type { Caller } from '../../platform/authorize.ts';
import { inTx, isUnavailable } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { withDefaults } from './operator.rules.ts';
import * as store from './operator.sql.ts';

type Check = Static<typeof HealthCheck>;

const diskBytesLow = 2 * 1024 ** 3;
const jobSecondsLate = 60;

export type Operator = ReturnType<typeof newOperator>;

/** `scanner` answers clamd's version, or throws when it cannot be reached. */
export function newOperator(platform: Platform, scanner: () => Promise<string>) {
  const { db, config } = platform;

  const policies = async (): Promise<Policies> => withDefaults((await store.policies(db))?.document);

  async function putPolicies(caller: Caller, document: Policies): Promise<Policies> {
    const before = await policies();
    await inTx(db, async (tx) => {
      await store.savePolicies(tx, document, caller.email ?? '');
      await audit(tx, caller, 'policies.changed', 'policies', { before, after: document });
    });
    return policies();
  }

  async function putInstanceType(caller: Caller, type: InstanceType): Promise<InstanceType> {
    await inTx(db, async (tx) => {
      await store.saveInstanceType(tx, type);
      await audit(tx, caller, 'instance-type.changed', type.name, { ...type });
    });
    return type;
  }

  async function restart(caller: Caller, id: string) {
    await inTx(db, async (tx) => {
      if (!(await store.deployment(tx, id))) fail('operator.deployment_missing', { deploymentId: id });
      await store.raiseGeneration(tx, id);
      await audit(tx, caller, 'deployment.restarted', id);
    });
    return (await store.deployment(db, id)) ?? fail('operator.deployment_missing', { deploymentId: id });
  }

  async function health(): Promise<{ checks: Check[] }> {
    const checks: Check[] = [];
    const add = (name: string, state: Check['state'], detail: string, remedy: string | null = null) =>
      checks.push({ name, state, detail, remedy: state === 'ok' ? null : remedy });
    const facts = await store.healthFacts(db).catch((error: unknown) => {
      if (!isUnavailable(error)) throw error;
      return undefined;
    });
    add(
      'Database',
      facts ? 'ok' : 'down',
      facts ? 'answers' : 'does not answer',
      'Look at its log; calls go on meanwhile.',
    );
    if (facts) {
      const late = facts.oldestJobSeconds > jobSecondsLate;
      add(
        'Jobs',
        facts.jobsFailed ? 'degraded' : late ? 'degraded' : 'ok',
        `${facts.jobsWaiting} waiting, oldest ${Math.round(facts.oldestJobSeconds)} s, ${facts.jobsFailed} given up`,
        'See the control plane’s log for the reason; jobs that were given up can be run again from graphile_worker.jobs.',
      );
      add(
        'Models',
        facts.down ? 'degraded' : 'ok',
        `${facts.running} running, ${facts.down} down`,
        'Open Deployments for the last failure of each.',
      );
      add(
        'Usage',
        'ok',
        facts.lastUsageSeconds === null
          ? 'no calls yet'
          : `last batch ${Math.round(facts.lastUsageSeconds)} s ago`,
      );
      add(
        'Submissions held',
        facts.held ? 'degraded' : 'ok',
        `${facts.held} held`,
        'Open the queue: each says what stopped it. Retry when it is mended.',
      );
      add(
        'Mail',
        facts.mailsFailed ? 'degraded' : 'ok',
        config.smtpUrl ? `${facts.mailsFailed} failed` : 'kept in the outbox: no SMTP is configured',
        'Check SOUK_SMTP_URL; the outbox shows each failure.',
      );
    }
    try {
      add('Virus scanner', 'ok', await scanner());
    } catch (error) {
      add(
        'Virus scanner',
        'down',
        (error as Error).message,
        'Install it (apt-get install clamav-daemon) and restart Souk, or set SOUK_CLAMD.',
      );
    }
    const disk = await statfs(config.dataDir);
    const freeBytes = disk.bavail * disk.bsize;
    add(
      'Disk',
      freeBytes < diskBytesLow ? 'degraded' : 'ok',
      `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free in the data folder`,
      'Make room, or move the data folder.',
    );
    return { checks };
  }

  return {
    policies,
    putPolicies,
    putInstanceType,
    restart,
    health,
    instanceTypes: () => store.instanceTypes(db),
    deployments: () => store.deployments(db),
    regions: () => [...config.regions],
  };
}
