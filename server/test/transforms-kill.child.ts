import { composeTransforms } from '../src/compose-transforms.ts';
import { newFiles, newLocations } from '../src/domains/files/index.ts';
import { newMeter } from '../src/domains/instances/index.ts';
import type { SlurmSettings } from '../src/domains/runtime/slurm/slurm.ts';
import { servingForTests } from '../src/domains/runtime/slurm/testing.ts';
import { localBlobs } from '../src/platform/blobs.ts';
import { folders } from '../src/platform/config.ts';
import { openDatabase } from '../src/platform/db.ts';
import { newLog } from '../src/platform/log.ts';
import { batchModel, doubled } from './batch-model.ts';
import { testPlatform } from './platform.ts';
import { instanceTypes } from './transforming.ts';

// A worker of its own that its test kills: its model answers four calls and leaves the fifth waiting, or it is served by a cluster.
const [url = '', dataDir = '', cluster] = process.argv.slice(2);
const database = { ...openDatabase(url, newLog('child', 'fatal')), url };
const platform = {
  ...testPlatform(database, { SOUK_NODE: 'killed' }),
  accountFiles: localBlobs(folders(dataDir).files),
};
const never = () => Promise.reject(new Error('nobody asks here'));
const files = newFiles(platform, {
  quotaBytes: async () => 1e9,
  finishedUpload: never,
  unusedUploads: async () => [],
});
const model = batchModel();
model.answer = (call) => {
  if (call.number <= 4) doubled(call);
};
composeTransforms(platform, {
  operator: { instanceTypes: async () => instanceTypes },
  locations: newLocations(platform, files, async () => undefined),
  meter: newMeter(platform),
  metering: { quotaOf: async () => null },
  start: model.start,
  news: { notify: async () => 0 },
  ...(cluster ? { cluster: servingForTests(JSON.parse(cluster) as SlurmSettings) } : {}),
}).run({ leaseMs: 1500, renewMs: 100, pollMs: 100 });
