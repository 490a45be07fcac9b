import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from '../server/src/compose.ts';
import { accessMarkdown, accessMatrix } from '../server/src/domains/access/index.ts';
import { readConfig } from '../server/src/platform/config.ts';

/** docs/access.md from the routes as compose makes them. No database is asked: connections open when the first question is. */
export async function accessPage(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'souk-access-'));
  try {
    const souk = await compose(
      readConfig({ SOUK_DATA: dataDir, SOUK_LOG: 'fatal' }),
      'postgres://nobody@127.0.0.1:1/none',
    );
    const page = accessMarkdown(accessMatrix(souk.platform.authorizer, souk.routes, null));
    await souk.app.close();
    await souk.close();
    return page;
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
