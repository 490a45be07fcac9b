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
  // Before anything else asks the database. The gateway and the models' runner ask again until the tables are there.
  await whenAvailable(log, () => migrate(databaseUrl, log));
  const souk = await compose(config, databaseUrl);
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
    if (!process.stdin.isTTY) endWithParent(resolve);
  });
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
