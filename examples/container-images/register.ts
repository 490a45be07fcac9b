import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { run } from './oci-archive.ts';

/** One request of the API by a publisher; the body is JSON, or bytes. */
export type Ask = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; body: unknown }>;

interface Registered {
  readonly arn: string;
  readonly status: string;
  readonly failureReason: string | null;
  readonly findings: readonly { code: string; message: string }[];
}

const example = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (path: string) => readFileSync(example(path), 'utf8');

/** The model package of examples/iris-container: the image, and the measurements as its model.tar.gz. */
export async function registerIris(ask: Ask, image: string, name = 'iris-container-1'): Promise<Registered> {
  const known = await find(ask, `/api/model-packages/${name}`);
  if (known) return finished(ask, `/api/model-packages/${name}`, name);
  const folder = mkdtempSync(join(tmpdir(), 'souk-model-'));
  try {
    const archive = join(folder, 'model.tar.gz');
    await run('tar', [
      ...['--create', '--gzip', '--sort=name', '--mtime=@1', '--owner=0', '--group=0', '--numeric-owner'],
      ...['--file', archive, '--directory', example('iris-container/model'), 'iris.csv', 'neighbours.json'],
    ]);
    const uploadId = await upload(ask, readFileSync(archive), 'model.tar.gz');
    await must(
      ask('POST', '/api/model-packages', {
        name,
        description:
          'Nearest neighbours among Fisher’s irises, in a container of nginx, gunicorn, Flask and scikit-learn',
        uploadId,
        inferenceSpecification: {
          container: { image },
          supportedContentTypes: ['application/json', 'text/csv'],
          supportedResponseMIMETypes: ['application/json', 'text/csv'],
          ...(await instanceTypes(ask)),
        },
        validationSpecification: {
          validationProfiles: [
            {
              profileName: 'sample',
              input: { contentType: 'application/json', body: read('iris-container/sample-input.json') },
              expected: { contentType: 'application/json', body: read('iris-container/sample-output.json') },
            },
          ],
        },
        certifyForMarketplace: true,
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return finished(ask, `/api/model-packages/${name}`, name);
}

/** The algorithm of examples/forest-algorithm: what algorithm.yaml says, with the image where it names one. */
export async function registerForest(ask: Ask, image: string, name = 'forest-1'): Promise<Registered> {
  const known = await find(ask, `/api/algorithms/${name}`);
  if (!known) {
    const said = withFiles(parse(read('forest-algorithm/algorithm.yaml'))) as {
      trainingSpecification: object;
      inferenceSpecification: object;
    };
    const container = { image };
    await must(
      ask('POST', '/api/algorithms', {
        ...said,
        name,
        trainingSpecification: { ...said.trainingSpecification, container },
        inferenceSpecification: {
          ...said.inferenceSpecification,
          container,
          ...(await instanceTypes(ask)),
        },
        certifyForMarketplace: true,
      }),
    );
  }
  return finished(ask, `/api/algorithms/${name}`, name);
}

/** `{ $file: name }` is that file's text, as everywhere in the files of `souk`. */
function withFiles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFiles);
  if (typeof value !== 'object' || value === null) return value;
  if ('$file' in value) return read(`forest-algorithm/${String(value.$file)}`);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withFiles(inner)]));
}

/** All that this marketplace has: the example runs on any. */
async function instanceTypes(ask: Ask) {
  const { items } = (await must(ask('GET', '/api/instance-types'))) as {
    items: { name: string; enabled: boolean }[];
  };
  const names = items.filter((t) => t.enabled).map((t) => t.name);
  return { supportedRealtimeInferenceInstanceTypes: names, supportedTransformInstanceTypes: names };
}

async function upload(ask: Ask, content: Buffer, fileName: string): Promise<string> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const wanted = { fileName, purpose: 'model', sizeBytes: content.length, sha256 };
  const { id, offset } = (await must(ask('POST', '/api/uploads', wanted))) as { id: string; offset: number };
  if (offset < content.length)
    await must(ask('PATCH', `/api/uploads/${id}?offset=${offset}`, content.subarray(offset)));
  return id;
}

/** Whether it is there. A failed one is never repaired: it makes room for the next. */
async function find(ask: Ask, path: string): Promise<boolean> {
  const now = await ask('GET', path);
  if (now.status !== 200) return false;
  if ((now.body as Registered).status !== 'Failed') return true;
  await must(ask('DELETE', path));
  while ((await ask('GET', path)).status === 200) await new Promise((done) => setTimeout(done, 500));
  return false;
}

/** Waits for the checks of what was registered. */
async function finished(ask: Ask, path: string, name: string): Promise<Registered> {
  for (;;) {
    const now = (await must(ask('GET', path))) as Registered;
    if (now.status === 'Completed') return now;
    if (now.status === 'Failed')
      throw new Error(
        `${name} did not pass its checks: ${now.failureReason}\n${now.findings.map((f) => `  ${f.code}: ${f.message}`).join('\n')}`,
      );
    await new Promise((done) => setTimeout(done, 500));
  }
}

async function must(asked: ReturnType<Ask>): Promise<unknown> {
  const { status, body } = await asked;
  if (status >= 300) throw new Error(`the marketplace answered ${status}: ${JSON.stringify(body)}`);
  return body;
}
