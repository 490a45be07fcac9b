import { compose } from './compose.ts';
import { endWithParent } from './platform/child.ts';
import type { Config } from './platform/config.ts';
import { whenAvailable } from './platform/db.ts';
import { newLog } from './platform/log.ts';
import { migrate } from './platform/migrate.ts';

/** API, web pages and jobs. Ends in order on SIGTERM, and when the process that keeps it is gone. */
export async function serveControlPlane(config: Config, port: number): Promise<number> {
  const { databaseUrl } = config;
  if (!databaseUrl) throw new Error('The control plane needs DATABASE_URL; `serve` sets it.');
  const log = newLog('control', config.logLevel);
  // Heard from the beginning: whoever keeps this process may be gone before the database is there.
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
    if (!process.stdin.isTTY) endWithParent(resolve);
  });
  // Before anything else asks the database. The gateway and the models' runner ask again until the tables are there.
  const migrated = whenAvailable(log, () => migrate(databaseUrl, log)).then(() => true);
  if (!(await Promise.race([migrated, signalled]))) return 0;
  const souk = await compose(config, databaseUrl);
  await souk.app.listen({ host: '127.0.0.1', port });
  const jobs = await Promise.race([
    whenAvailable(log, () => souk.runJobs(`${config.nodeName}/control`)),
    signalled,
  ]);
  await signalled;
  await souk.app.close();
  await jobs?.stop();
  await souk.close();
  return 0;
}
