import { type Podman, PodmanError } from '../../../platform/podman.ts';

/** Writes an image into a file that podman can load; `remove` throws the file away where it was made for this. */
export type ImageArchive = (digest: string) => Promise<{ path: string; remove?: () => Promise<void> }>;

const loadTimeoutMs = 20 * 60_000;
const repository = 'localhost/souk-image';
const loading = new Map<string, Promise<string>>();

/** The name that an image has in podman's store: its digest, which is what we know it by. */
export const imageName = (digest: string) => `${repository}:${digest.replace('sha256:', '')}`;

/** The image in podman's store, loaded there when it is met for the first time. Two who ask at once load it once. */
export function ensureImage(podman: Podman, archive: ImageArchive, digest: string): Promise<string> {
  const key = `${podman.runDir} ${digest}`;
  const under = loading.get(key) ?? load(podman, archive, digest).finally(() => loading.delete(key));
  loading.set(key, under);
  return under;
}

async function load(podman: Podman, archive: ImageArchive, digest: string): Promise<string> {
  const name = imageName(digest);
  const exists = () =>
    podman.run(['image', 'exists', name]).then(
      () => true,
      () => false,
    );
  if (await exists()) return name;
  const { path, remove } = await archive(digest);
  try {
    const said = await podman.run(['load', '--quiet', '--input', path], loadTimeoutMs);
    const loaded = /^Loaded image(?:\(s\))?:\s*(\S+)\s*$/m.exec(said)?.[1];
    if (loaded === undefined) throw new PodmanError(`podman did not say what it loaded: ${said}`);
    try {
      await podman.run(['tag', loaded, name]);
      if (!loaded.startsWith('sha256:') && loaded !== name) await podman.run(['untag', loaded, loaded]);
    } catch (error) {
      // Another process that shares this store, a second job on a node, has loaded and named it meanwhile.
      if (!(await exists())) throw error;
    }
    return name;
  } finally {
    await remove?.();
  }
}

/** Throws away what nobody may run any more; an image that still runs stays until its container has ended. */
export async function removeImages(podman: Podman, isWanted: (digest: string) => boolean): Promise<void> {
  const names = (await podman.run(['images', '--format', '{{.Repository}}:{{.Tag}}'])).split('\n');
  for (const name of names) {
    const hex = name.startsWith(`${repository}:`) ? name.slice(repository.length + 1) : undefined;
    if (hex !== undefined && !isWanted(`sha256:${hex}`))
      await podman.run(['rmi', name]).catch(() => undefined);
  }
}
