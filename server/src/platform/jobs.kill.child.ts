import { openDatabase } from './db.ts';
import { runJobs } from './jobs.ts';
import { newLog } from './log.ts';

// A process that takes a job and never ends it, for the test that kills it.
const [, , url = '', processName = ''] = process.argv;
const log = newLog('child', 'fatal');
const { pool } = openDatabase(url, log);
await runJobs(pool, {
  log,
  processName,
  definitions: [
    {
      name: 'hang',
      run: () => {
        process.stdout.write('taken\n');
        return new Promise(() => {});
      },
    },
  ],
});
