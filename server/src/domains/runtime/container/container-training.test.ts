import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import type { TrainingRun } from '../training/training.ts';
import { containerTraining } from './container-training.ts';
import { noHostNetwork } from './host-network.ts';
import { podmanForTests } from './testing.ts';

const found = await podmanForTests();
const alone = await noHostNetwork();

if ('skip' in found) test('images train by podman', { skip: found.skip }, () => undefined);
else
  suite('an image that trains', () => {
    const { podman, dataDir } = found;
    after(() => found.close());
    const image = found.image('eval "$SCRIPT"');
    const backend = containerTraining({
      podman: async () => podman,
      archive: () => Promise.reject(new Error('it is loaded')),
    });
    let runs = 0;

    async function train(
      script: string,
      over: Partial<TrainingRun> = {},
      limits: Partial<TrainingRun['limits']> = {},
    ) {
      const top = join(dataDir, `run-${++runs}`);
      const [data, workDir] = [join(top, 'data'), join(top, 'work')];
      mkdirSync(data, { recursive: true });
      writeFileSync(join(data, 'rows.csv'), '1,2\n3,4\n');
      const lines: string[] = [];
      const end = await backend.run({
        id: `run-${runs}`,
        jobName: 'sample',
        jobArn: 'arn:aws:sagemaker:souk-home-1:111111111111:training-job/sample',
        program: { kind: 'container', imageDigest: await image, environment: { SCRIPT: script } },
        channels: [
          { name: 'train', contentType: 'text/csv', compression: 'None', inputMode: 'File', folder: data },
          { name: 'again', contentType: 'text/csv', compression: 'None', inputMode: 'Pipe', folder: data },
        ],
        hyperParameters: { epochs: '3' },
        instance: { name: 'ml.m5.large', cpus: 1, memoryMb: 64 },
        hosts: 1,
        checkpoints: null,
        limits: {
          timeMs: 30_000,
          diskBytesMax: 30_000_000,
          logBytesMax: 100_000,
          processesMax: 300,
          stopGraceMs: 10_000,
          ...limits,
        },
        workDir,
        onLines: (some) => lines.push(...some),
        signal: new AbortController().signal,
        ...over,
      });
      const model = readdirSync(end.modelFolder).map((name) => [
        name,
        readFileSync(join(end.modelFolder, name), 'utf8').trim(),
      ]);
      return { end, lines, model: Object.fromEntries(model) };
    }

    test('finds the layout of /opt/ml with its pipes, and what it leaves in model is kept', async () => {
      const checkpoints = { folder: join(dataDir, 'checkpoints'), path: '/opt/ml/checkpoints' };
      mkdirSync(checkpoints.folder);
      const { end, lines, model } = await train(
        `cat /opt/ml/input/config/hyperparameters.json; echo; cat /opt/ml/input/data/train/rows.csv; cat /opt/ml/input/data/again_0
echo $TRAINING_JOB_NAME $1; echo x > /opt/ml/checkpoints/one; echo no > /opt/ml/input/config/x || echo read-only; echo trained > /opt/ml/model/m`,
        { checkpoints },
      );
      assert.deepEqual([end.kind, end.exitCode, end.failure], ['completed', 0, null]);
      assert.deepEqual(
        lines.filter((line) => !line.includes('/entry')),
        ['{"epochs":"3"}', '1,2', '3,4', '1,2', '3,4', 'sample train', 'read-only'],
      );
      assert.deepEqual(model, { m: 'trained' });
      assert.deepEqual(readdirSync(checkpoints.folder), ['one']);
      assert.match(end.sandbox, /^podman/);
    });

    test('that fails says why by its failure file and its code', async () => {
      const { end } = await train('echo the column age is missing > /opt/ml/output/failure; exit 2');
      assert.deepEqual([end.kind, end.exitCode, end.failure], ['failed', 2, 'the column age is missing']);
    });

    test('is asked to end when it is stopped or its time is up, and keeps what it saves then', async () => {
      const saving =
        "trap 'echo saved > /opt/ml/model/m; exit 0' TERM; echo began; while true; do sleep 0.05; done";
      const late = await train(saving, {}, { timeMs: 1500 });
      assert.deepEqual([late.end.kind, late.model], ['time', { m: 'saved' }]);
      const stop = new AbortController();
      const stopped = await train(saving, { stop: stop.signal, onLines: () => stop.abort() });
      assert.deepEqual([stopped.end.kind, stopped.model], ['cancelled', { m: 'saved' }]);
    });

    test('is killed when it ignores that, and at once when whoever asked ends', async () => {
      const deaf = "trap '' TERM; echo began; while true; do sleep 0.05; done";
      const late = await train(deaf, {}, { timeMs: 1000, stopGraceMs: 200 });
      assert.deepEqual([late.end.kind, late.end.signal], ['time', 'signal 9']);
      const asker = new AbortController();
      const gone = await train(deaf, { signal: asker.signal, onLines: () => asker.abort() });
      assert.equal(gone.end.kind, 'cancelled');
    });

    test('is ended for what it takes too much of, each with its own kind', async () => {
      const kinds: string[] = [];
      // One after the other: four that take all they get starve each other, and one would be ended for its time.
      for (const script of [
        'yes',
        'i=0; while true; do dd if=/dev/zero of=/opt/ml/model/$i bs=1000000 count=9 2>/dev/null; i=$((i+1)); sleep 0.1; done',
        // One after the other, and few allowed: what forks as fast as it can may be out of memory before it is looked at.
        'while true; do sleep 600 & sleep 0.02; done',
        "b=$(head -c 9000000 /dev/zero | tr '\\0' x); while true; do a=$a$b; sleep 0.02; done",
      ])
        kinds.push((await train(script, {}, { timeMs: 120_000, processesMax: 60 })).end.kind);
      assert.deepEqual(kinds, ['log', 'disk', 'processes', 'memory']);
    });

    test('has hosts that reach each other by name and nothing else; one that fails ends them all', {
      skip: alone ?? false,
    }, async () => {
      const meet = `me=$(hostname); cat /opt/ml/input/config/resourceconfig.json; echo
mkdir /w; echo "here is $me" > /w/who; busybox httpd -p 7000 -h /w
for peer in algo-1 algo-2; do until wget -q -O /tmp/$peer http://$peer:7000/who; do sleep 0.1; done; cat /tmp/$peer; done
wget -q -O - http://192.0.2.1/ || echo nothing else
touch /opt/ml/model/$me-done
until [ -e /opt/ml/model/algo-1-done ] && [ -e /opt/ml/model/algo-2-done ]; do sleep 0.05; done`;
      const { end, lines, model } = await train(meet, { hosts: 2 });
      assert.equal(end.kind, 'completed', lines.join('\n'));
      assert.deepEqual(Object.keys(model).sort(), ['algo-1-done', 'algo-2-done']);
      for (const prefix of ['', '[algo-2] '])
        for (const said of ['here is algo-1', 'here is algo-2', 'nothing else'])
          assert.ok(lines.includes(`${prefix}${said}`), `${prefix}${said}`);
      const config = JSON.parse(lines.find((l) => l.startsWith('{')) ?? '');
      assert.deepEqual([config.hosts, config.network_interface_name], [['algo-1', 'algo-2'], 'eth0']);
      const fails = '[ "$(hostname)" = algo-2 ] && exit 5; sleep 600';
      const failed = await train(fails, { hosts: 2 });
      assert.deepEqual([failed.end.kind, failed.end.exitCode], ['failed', 5]);
      assert.deepEqual(
        readdirSync('/run/netns').filter((name) => name.startsWith(`souk-${process.pid}-`)),
        [],
      );
    });
  });
