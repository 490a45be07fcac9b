import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { keeperLabel } from './container.ts';
import { ensureImage, imageName, removeImages } from './image-store.ts';
import { removeContainersLeft } from './leftovers.ts';
import { podmanForTests } from './testing.ts';
import { startOf } from './watch.ts';

const found = await podmanForTests();

if ('skip' in found) test('nothing outlives its keeper', { skip: found.skip }, () => undefined);
else
  suite('a container and its keeper', () => {
    const { podman, dataDir, image } = found;
    after(() => found.close());
    const entry = image('eval "$SCRIPT"');

    /** Starts a Souk with one container; gives both pids. */
    async function keeping(script: string) {
      const child = spawn(
        process.execPath,
        [fileURLToPath(new URL('./leash.child.ts', import.meta.url)), dataDir, await entry, script],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const line = await new Promise<string>((resolve) =>
        createInterface({ input: child.stdout }).once('line', resolve),
      );
      return { child, pid: Number(line) };
    }

    test('ends when its Souk is killed, also if it does not want to', async () => {
      const { child, pid } = await keeping("trap '' TERM; while true; do sleep 600; done");
      assert.notEqual(startOf(pid), undefined);
      child.kill('SIGKILL');
      while (startOf(pid) !== undefined) await sleep(20);
      const left = () => podman.run(['ps', '--all', '--quiet', '--filter', 'status=exited']);
      while ((await left()) === '') await sleep(50);
      assert.equal(await removeContainersLeft(podman), 1);
      assert.equal(await podman.run(['ps', '--all', '--quiet']), '');
    });

    test('that was started a moment before the kill is found at the next start; those of a living Souk are left alone', async () => {
      const { child, pid } = await keeping('sleep 600');
      const orphan = [
        'run',
        '--detach',
        ...['--network', 'none', '--ulimit', 'nofile=512:512', '--ulimit', 'nproc=500:500'],
        ...['--env', 'SCRIPT=sleep 600', '--label', `${keeperLabel}=1-0`],
        ...[await entry, 'serve'],
      ];
      await podman.run(orphan);
      assert.equal(await removeContainersLeft(podman), 1);
      assert.notEqual(startOf(pid), undefined);
      child.kill('SIGKILL');
      while (startOf(pid) !== undefined) await sleep(20);
    });

    test('an image is loaded once, however many ask for it, and thrown away when nobody may run it', async () => {
      const id = await entry;
      const path = `${dataDir}/image.oci`;
      await podman.run(['save', '--quiet', '--format', 'oci-archive', '--output', path, id]);
      const digest = `sha256:${'b'.repeat(64)}`;
      let asked = 0;
      const archive = async () => {
        asked++;
        return { path };
      };
      const names = await Promise.all([1, 2, 3].map(() => ensureImage(podman, archive, digest)));
      assert.deepEqual([...new Set(names), asked], [imageName(digest), 1]);
      assert.equal(await podman.run(['run', ...limits, '--rm', imageName(digest), 'serve']), 'ran');
      await removeImages(podman, (d) => d !== digest);
      await assert.rejects(podman.run(['image', 'exists', imageName(digest)]));
      await podman.run(['image', 'exists', imageName(id)]);
    });
  });

const limits = [
  '--network',
  'none',
  '--ulimit',
  'nofile=512:512',
  '--ulimit',
  'nproc=500:500',
  '--env',
  'SCRIPT=echo ran',
];
