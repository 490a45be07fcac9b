import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityModel, modelFolder, slowModel } from './domains/runtime/model-server/testing.ts';
import { servingSuite } from './domains/runtime/serving.suite.ts';
import { type Blobs, localBlobs } from './platform/blobs.ts';
import { readConfig } from './platform/config.ts';
import { openDatabase } from './platform/db.ts';
import { newLog } from './platform/log.ts';
import { backendsHere } from './runner.ts';

const dataDir = mkdtempSync(join(tmpdir(), 's-'));
const config = readConfig({ SOUK_DATA: dataDir });
const log = newLog('test', 'silent');
// Packages that were verified a moment ago are given unpacked; nothing is asked of a database then.
const { db } = openDatabase('postgres://nobody@127.0.0.1:1/none', log);
const [blobs, imageParts] = ['blobs', 'images'].map((name) => localBlobs(join(dataDir, name))) as [
  Blobs,
  Blobs,
];
const backends = await backendsHere({ config, db, blobs, imageParts, log });
const onnx = backends.find((b) => b.kind === 'onnx');
const folder = modelFolder({
  echo: identityModel(1, ['N', 2]),
  broken: identityModel(16),
  hungry: slowModel(),
});

servingSuite({
  kind: 'onnx',
  missing: onnx ? await onnx.unavailable() : 'this node has no such backend',
  start: async (model) => {
    if (!onnx) throw new Error('this node has no such backend');
    return await onnx.start({
      name: model,
      servable: { kind: 'onnx', packageSha256: '0'.repeat(64), modelName: model, batching: null },
      instance: { name: 'test', cpus: 1, memoryMb: model === 'hungry' ? 400 : 1500 },
      unpacked: join(folder, model),
      startTimeoutMs: 60_000,
    });
  },
  // about 200 MB each for the matrix and its product.
  eat: { contentType: 'application/json', body: '{"shape":[7000,7000]}' },
  slow: null,
});
