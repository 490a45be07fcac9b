import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findPodman, type Podman } from '../../../platform/podman.ts';
import { imageName } from './image-store.ts';

/** Small images made from nothing: a static busybox and a script that is their entry point. */
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file));
const applets =
  'sh cat echo sleep httpd nc wget nslookup dd mkdir touch kill yes printf head ls id grep tail rm test ps ln cp tr true false env sync mkfifo hostname'.split(
    ' ',
  );

export interface PodmanForTests {
  readonly podman: Podman;
  readonly dataDir: string;
  /** Makes an image whose entry point is this script (its arguments: `serve` or `train`); gives its digest. */
  image(
    script: string,
    options?: { raw?: string; files?: Readonly<Record<string, string>>; bun?: boolean },
  ): Promise<string>;
  close(): Promise<void>;
}

/** Podman with a store of its own, or why the tests of containers cannot run here, said loudly. */
export async function podmanForTests(): Promise<PodmanForTests | { readonly skip: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'souk-podman-'));
  const podman = await findPodman(dataDir);
  const why =
    'missing' in podman
      ? podman.missing
      : busybox === undefined
        ? 'busybox-static is not installed'
        : undefined;
  if (why !== undefined || 'missing' in podman) {
    rmSync(dataDir, { recursive: true, force: true });
    const skip = `${why}; sh scripts/system-deps.sh test`;
    console.log(`NOT RUN: containers (${skip})`);
    return { skip };
  }
  let images = 0;
  const parts: PodmanForTests = {
    podman,
    dataDir,
    async image(script, { raw, files = {}, bun = false } = {}) {
      const root = join(dataDir, `image-${++images}`);
      for (const folder of ['bin', 'tmp', 'var/log', 'opt/ml'])
        mkdirSync(join(root, folder), { recursive: true });
      execFileSync('cp', [busybox ?? '', join(root, 'bin/busybox')]);
      for (const name of applets) symlinkSync('busybox', join(root, 'bin', name));
      writeFileSync(join(root, 'entry'), raw ?? `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      for (const [path, content] of Object.entries(files)) writeFileSync(join(root, path), content);
      if (bun) copyBun(root);
      const tar = join(dataDir, `image-${images}.tar`);
      execFileSync('tar', ['-C', root, '-cf', tar, '.']);
      const id = await podman.run(['import', '--quiet', '--change', 'ENTRYPOINT ["/entry"]', tar]);
      await podman.run(['tag', id, imageName(id)]);
      rmSync(root, { recursive: true });
      rmSync(tar);
      return id;
    },
    async close() {
      await podman.run(['rm', '--force', '--all', '--time', '0']).catch(() => undefined);
      rmSync(dataDir, { recursive: true, force: true });
      rmSync(podman.runDir, { recursive: true, force: true });
    },
  };
  try {
    // Podman may be there and the kernel not let it: in a container without rights, say.
    const id = await parts.image('exit 0');
    const limits = ['--ulimit', 'nofile=512:512', '--ulimit', 'nproc=500:500', '--memory', '64m'];
    await podman.run(['run', '--rm', '--network', 'none', ...limits, id, 'serve']);
  } catch (error) {
    await parts.close();
    const skip = `podman cannot run containers here: ${(error as Error).message}`;
    console.log(`NOT RUN: containers (${skip})`);
    return { skip };
  }
  return parts;
}

/** Bun with the libraries that it was linked against, at their own paths. */
function copyBun(root: string): void {
  const bun = createRequire(import.meta.url).resolve('bun/bin/bun.exe');
  execFileSync('cp', [bun, join(root, 'bin/bun')]);
  const linked = execFileSync('ldd', [bun], { encoding: 'utf8' });
  for (const [path] of linked.matchAll(/\/\S+\.so\S*/g)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    execFileSync('cp', ['--dereference', path, join(root, path)]);
  }
}

/** An image of the echo that the suite of the contract calls; what it does wrong its environment says. */
export const echoImage = (parts: PodmanForTests): Promise<string> =>
  parts.image('exec /bin/bun /echo.js "$1"', {
    bun: true,
    files: { 'echo.js': readFileSync(new URL('./echo.container.js', import.meta.url), 'utf8') },
  });
