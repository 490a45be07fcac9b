import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { keeperName } from './container.ts';
import { startOf } from './watch.ts';

const exec = promisify(execFile);
const folder = '/run/netns';
const prefix = 'souk-';
/** Its own, since nothing routes there. */
const addressOf = (host: number) => `10.77.0.${host}`;
export const hostInterface = 'eth0';
export const hostsMax = 16;

export interface HostNetwork {
  /** What podman is told, for each host. */
  readonly networks: readonly string[];
  /** Names and addresses of all. */
  readonly hosts: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/**
 * A network of the hosts of one training and of nobody else: a network namespace each, and one more that holds the bridge between
 * them. The computer itself has no interface there, so that nothing of it can be reached and no firewall has to hold.
 */
export async function openHostNetwork(names: readonly string[]): Promise<HostNetwork> {
  const own = `${prefix}${keeperName()}-${randomUUID().slice(0, 8)}`;
  const made: string[] = [];
  const make = async (name: string) => {
    await ip('netns', 'add', name);
    made.push(name);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
  };
  const remove = async () => {
    for (const name of made) await ip('netns', 'delete', name).catch(() => undefined);
  };
  try {
    await make(own);
    await ip('-n', own, 'link', 'add', 'bridge', 'type', 'bridge');
    await ip('-n', own, 'link', 'set', 'bridge', 'up');
    for (const [i] of names.entries()) {
      const host = `${own}-${i + 1}`;
      await make(host);
      const [inner, outer] = [
        ['name', hostInterface, 'netns', host],
        ['name', `h${i + 1}`, 'netns', own],
      ];
      await ip('link', 'add', ...inner, 'type', 'veth', 'peer', ...outer);
      await ip('-n', own, 'link', 'set', `h${i + 1}`, 'master', 'bridge', 'up');
      await ip('-n', host, 'address', 'add', `${addressOf(i + 1)}/24`, 'dev', hostInterface);
      await ip('-n', host, 'link', 'set', hostInterface, 'up');
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    networks: names.map((_, i) => `ns:${folder}/${own}-${i + 1}`),
    hosts: Object.fromEntries(names.map((name, i) => [name, addressOf(i + 1)])),
    remove,
  };
}

/** Why no training of several hosts can be held here; null where it can. */
export async function noHostNetwork(): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'several hosts need network namespaces, which only root can make';
  return await ip('-V').then(
    () => null,
    () => 'ip is not installed: apt-get install iproute2',
  );
}

/** Networks of a Souk that was killed; those of one that lives are left alone. */
export async function removeNetworksLeft(): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid, started] = /^souk-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || startOf(Number(pid)) === started) continue;
    await ip('netns', 'delete', name).catch(() => undefined);
  }
}

async function ip(...args: string[]): Promise<void> {
  try {
    await exec('ip', args, { timeout: 10_000, env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`ip ${args.join(' ')}: ${(stderr || message).trim()}`);
  }
}
