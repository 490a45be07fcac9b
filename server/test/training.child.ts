import { compose } from '../src/compose.ts';
import { readConfig } from '../src/platform/config.ts';

/** A control plane of its own that a test may kill while it trains. */
const souk = await compose(readConfig(process.env), process.env.DATABASE_URL ?? '');
await souk.runJobs('killed/control');
process.stdout.write('running\n');
