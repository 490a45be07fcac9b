import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TrainingJob } from '@souk/contract';
import { trainer } from '../../../test/algorithms.ts';
import { testTraining } from '../../../test/training.ts';
import { rows, sql } from '../../platform/db.ts';
import { findSandbox } from '../../platform/sandbox.ts';

const skip = (await findSandbox()).kind === 'none' ? 'no bubblewrap here: apt-get install bubblewrap' : false;

/** Processes of this computer whose command line has this text. */
const processesWith = (text: string) =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });

test('a training whose Souk is killed begins again from its checkpoints, once, and what nobody ran is not billed', {
  skip,
}, async () => {
  const market = await testTraining();
  const { db, until } = market;
  const buyer = await market.person();
  const uri = await market.file(buyer, 'a.csv', trainer.table);
  const mark = `souk-kill-${process.pid}`;
  // Counts to six, and remembers where it was.
  const { subscription } = await market.algorithm(buyer, {
    files: {
      train: `#!/bin/sh
n=$(cat /opt/ml/checkpoints/n 2>/dev/null || echo 0)
echo "from $n"
while [ "$n" -lt 6 ]; do
  if [ "$n" -eq 3 ] && [ ! -e /opt/ml/checkpoints/${mark} ]; then echo waits; touch /opt/ml/checkpoints/${mark}; sleep 600; fi
  n=$((n + 1)); echo "$n" > /opt/ml/checkpoints/n; echo "step $n"
done
echo model > /opt/ml/model/m
`,
    },
  });
  const { DATABASE_URL: _, ...environment } = process.env;
  const child: ChildProcess = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../../test/training.child.ts', import.meta.url))],
    {
      env: {
        ...environment,
        DATABASE_URL: market.url,
        SOUK_DATA: market.platform.config.dataDir,
        SOUK_LOG_LEVEL: 'fatal',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const gone = once(child, 'exit');
  try {
    await market.ok<TrainingJob>(buyer, 'POST', '/api/training-jobs', {
      name: 'survivor',
      subscriptionId: subscription.id,
      inputDataConfig: [{ channelName: 'train', uri }],
      resourceConfig: { instanceType: 'ml.t3.medium' },
    });
    await until(
      () => market.log(buyer, 'survivor'),
      (lines) => lines.includes('waits'),
    );
    const { id } = await market.get(buyer, 'survivor');
    assert.ok(processesWith(id).length > 0, 'it runs');
    child.kill('SIGKILL');
    await gone;
    await until(
      async () => processesWith(id),
      (left) => left.length === 0,
    );
    market.supervise();
    const job = await market.ended(buyer, 'survivor');
    assert.deepEqual([job.status, job.attempts], ['Completed', 2], JSON.stringify(job));
    assert.deepEqual(await market.log(buyer, 'survivor'), [
      'from 0',
      'step 1',
      'step 2',
      'step 3',
      'waits',
      'from 3',
      'step 4',
      'step 5',
      'step 6',
    ]);
    assert.ok(job.secondaryStatusTransitions.some((t) => t.status === 'Restarting'));
    const models = await rows(db, sql`select 1 from model_packages where training_job = 'survivor'`);
    assert.equal(models.length, 1);
    const runs = await rows<{ open: boolean }>(
      db,
      sql`select ended_at is null as open from instance_runs where resource_name = 'survivor' order by begun_at`,
    );
    // The first waits for the sweep that ends what gives no sign of life; no beat, no bill.
    assert.deepEqual([runs.length, runs[1]?.open], [2, false]);
  } finally {
    child.kill('SIGKILL');
  }
});
