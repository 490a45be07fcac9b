import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PodmanForTests, podmanForTests } from '../server/src/domains/runtime/container/testing.ts';
import { containerBackend, type RunningModel, startServables } from '../server/src/domains/runtime/index.ts';
import { freePort } from '../test/journeys/souk.ts';
import { untilAnswers } from './processes.ts';

export const peerName = 'the same image by podman run --network host';
export const instanceType = 'ml.t3.medium';
const instance = { name: instanceType, cpus: 1, memoryMb: 1024 };

/** One image two ways: as Souk serves it, and as anybody starts it by hand, with the same processors and memory. */
export interface ContainerPair {
  ours(): Promise<RunningModel>;
  byHand(): Promise<{ readonly port: number; stop(): Promise<void> }>;
  /** The image as a publisher would push it. */
  save(path: string): Promise<unknown>;
  close(): Promise<void>;
}

export async function containerPair(): Promise<ContainerPair | { readonly skip: string }> {
  const found = await podmanForTests();
  if ('skip' in found) return found;
  const image = await imageOf(found);
  const { podman } = found;
  const socketDir = mkdtempSync(join(tmpdir(), 'sk-'));
  const start = startServables([
    containerBackend({
      podman: async () => podman,
      archive: () => Promise.reject(new Error('the image is in the store')),
      packagePath: () => Promise.reject(new Error('there is no package')),
      socketDir,
    }),
  ]);
  const limits = [
    ...['--cpus', `${instance.cpus}`, '--memory', `${instance.memoryMb}m`],
    ...['--ulimit', `nofile=${ownLimit('open files')}`, '--ulimit', `nproc=${ownLimit('processes')}`],
  ];
  return {
    ours: () =>
      start({
        name: 'bench',
        servable: { kind: 'container', imageDigest: image, packageSha256: null, environment: {} },
        instance,
      }),
    async byHand() {
      const port = await freePort();
      const id = await podman.run([
        ...['run', '--detach', '--network', 'host', '--log-driver', 'none', '--env', `PORT=${port}`],
        ...[...limits, image, 'serve'],
      ]);
      await untilAnswers(`http://127.0.0.1:${port}/ping`, { pollMs: 5 });
      return { port, stop: async () => void (await podman.run(['rm', '--force', '--time', '5', id])) };
    },
    save: (path) => podman.run(['save', '--quiet', '--format', 'oci-archive', '--output', path, image]),
    async close() {
      await found.close();
      rmSync(socketDir, { recursive: true, force: true });
    },
  };
}

const imageOf = (parts: PodmanForTests): Promise<string> =>
  parts.image('exec /bin/bun /server.js', {
    bun: true,
    files: { 'server.js': readFileSync(new URL('./container.server.js', import.meta.url), 'utf8') },
  });

/** What podman gives by itself is refused to users who have less. */
function ownLimit(what: 'open files' | 'processes'): string {
  const line = new RegExp(`^Max ${what}\\s+\\S+\\s+(\\d+)`, 'm').exec(
    readFileSync('/proc/self/limits', 'utf8'),
  );
  const limit = Math.min(Number(line?.[1] ?? 30_000), 30_000);
  return `${limit}:${limit}`;
}
