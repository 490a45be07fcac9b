import type { Podman } from '../../../platform/podman.ts';
import { keeperLabel } from './container.ts';
import { removeNetworksLeft } from './host-network.ts';
import { startOf } from './watch.ts';

/** Ends and removes the containers of a Souk that was killed before their keepers stood. Those of one that lives are left alone. */
export async function removeContainersLeft(podman: Podman): Promise<number> {
  const listed = await podman.run([
    'ps',
    '--all',
    '--no-trunc',
    '--filter',
    `label=${keeperLabel}`,
    '--format',
    `{{.ID}} {{index .Labels "${keeperLabel}"}}`,
  ]);
  const left = listed.split('\n').flatMap((line) => {
    const [id = '', keeper = ''] = line.split(' ');
    const [pid = '', started = ''] = keeper.split('-');
    return id === '' || startOf(Number(pid)) === started ? [] : [id];
  });
  if (left.length > 0) await podman.run(['rm', '--force', '--time', '0', ...left]);
  await removeNetworksLeft();
  return left.length;
}
