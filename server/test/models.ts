import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { after } from 'node:test';
import { pack } from 'tar-stream';
import { createModelLoader } from '../src/domains/certification/index.ts';
import { folders } from '../src/platform/config.ts';
import type { Platform } from '../src/platform/platform.ts';
import { findSandbox } from '../src/platform/sandbox.ts';
import { startHere } from '../src/runner.ts';

const example = (name: string) =>
  readFileSync(new URL(`../../examples/iris-classifier/${name}`, import.meta.url));

/** The example that everything is shown with. */
export const iris = {
  model: example('model.onnx'),
  json: {
    input: { contentType: 'application/json', body: example('sample-input.json').toString() },
    expected: { contentType: 'application/json', body: example('sample-output.json').toString() },
  },
  csv: {
    input: { contentType: 'text/csv', body: example('sample-input.csv').toString() },
    expected: { contentType: 'text/csv', body: example('sample-output.csv').toString() },
  },
};

/** What starts and loads models, as compose builds it. */
export async function modelParts({ config, db, blobs, imageParts, log }: Platform) {
  const { work, sockets } = folders(config.dataDir);
  for (const folder of [work, sockets]) await mkdir(folder, { recursive: true });
  const loader = createModelLoader({ confined: { sandbox: await findSandbox(), folders: [work] } });
  after(() => loader.close());
  return { loader, start: await startHere({ config, db, blobs, imageParts, log }) };
}

export async function tarOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name, mtime: new Date(0) }, content);
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
