import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processBackend } from './process-backend.ts';
import { trainingSuite } from './training.suite.ts';

const backend = processBackend();
trainingSuite({
  kind: 'process',
  missing: await backend.unavailable(),
  backend,
  root: mkdtempSync(join(tmpdir(), 'souk-suite-')),
  program: (script, folder) => {
    writeFileSync(join(folder, 'train'), script);
    return { kind: 'process', folder, entry: 'train', interpreter: 'sh', args: [] };
  },
  concurrency: 3,
});
