import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { operations } from '@souk/contract';
import type { Command } from 'commander';
import { type App, productAddress } from '../app.ts';
import { canonicalSha256 } from '../canonical-json.ts';
import { leaf } from '../command.ts';
import { runOnDesk } from '../desk.ts';
import { Failure } from '../failure.ts';
import { given } from '../given.ts';
import { state } from '../output/style.ts';
import { openStatement } from '../statement/dsse.ts';
import { latestVersion, type Slot, slotOption } from './catalog.ts';

export function verifyCommand(program: Command, app: App): void {
  leaf(
    program,
    'verify <product> [package]',
    'Check a product’s signed statement, and a package against it',
    {
      examples: [
        'souk verify souk-examples/iris-classifier',
        'souk verify souk-examples/iris-classifier model.onnx --version 1.0.0',
        'souk verify ./package --statement statement.json --key key.pem',
      ],
      notes:
        'Fetches statement, ML-BOMs and public key, and checks here, without trusting the server’s word: the signature, the\n' +
        'document’s and packages’ digests as the catalogue shows them, and each ML-BOM byte for byte. With a package (archive,\n' +
        'file or folder) also every file in it. With --public-key the key is yours, not the one that the server gives.\n' +
        'A path in place of the product takes --statement FILE and --key FILE and asks no server. Ends with 1 if anything differs.',
    },
  )
    .option('--version <number>', 'version of the package; else the latest')
    .option('--statement <file>', 'with a path in place of the product: the statement that you have')
    .option('--public-key <file>', 'the marketplace’s key (PEM) as you know it')
    .addOption(slotOption())
    .action((name: string, path: string | undefined, options: VerifyOptions) =>
      verify(app, name, path, options),
    );
}

interface VerifyOptions {
  version?: string;
  publicKey?: string;
  slot?: Slot;
}
interface Checked {
  readonly name: string;
  readonly state: 'same' | 'differs' | 'not signed';
}

async function verify(
  app: App,
  name: string,
  path: string | undefined,
  options: VerifyOptions,
): Promise<void> {
  const client = await app.client();
  const params = productAddress(name);
  const query = given({ slot: options.slot });
  const product = await client.call(operations.getCatalogProduct, { params, query });
  const envelope = await client.call(operations.getStatement, { params, query });
  const pem = options.publicKey
    ? await readFile(resolve(app.host.cwd, options.publicKey), 'utf8')
    : (await client.call(operations.getSigningKey)).publicKeyPem;
  const statement = openStatement(envelope, pem);
  if ('wrong' in statement) throw notVerified(statement.wrong);
  const compare = (subject: string, sha256: string): Checked => {
    const signed = statement.subjects.get(subject);
    return {
      name: subject,
      state: signed === undefined ? 'not signed' : signed === sha256 ? 'same' : 'differs',
    };
  };
  const checked = [compare('document', product.revisionSha256)];
  for (const { number, packageSha256 } of product.versions) {
    const bom = await client.call(operations.getMlBom, { params: { ...params, version: number }, query });
    checked.push(compare(`versions/${number}/package`, packageSha256));
    checked.push(compare(`versions/${number}/bom`, canonicalSha256(bom)));
  }
  app.output.list(
    checked,
    [
      { title: 'WHAT', value: (c) => c.name },
      { title: 'IS', value: (c) => c.state, paint: (t) => state(app.output.style, t) },
    ],
    'Nothing was signed.',
  );
  if (checked.some((c) => c.state !== 'same')) throw notVerified('Not everything is as it was signed.');
  if (path !== undefined)
    await verifyPackage(app, path, envelope, pem, options.version ?? latestVersion(product)?.number ?? '');
  app.output.done(`Signed with key ${statement.keyId}${options.publicKey ? ', which is yours' : ''}.`);
}

/** Unpacking what others packed is the server's craft: its verify runs here, on this computer. */
async function verifyPackage(app: App, path: string, envelope: unknown, pem: string, version: string) {
  const folder = await mkdtemp(join(tmpdir(), 'souk-verify-'));
  try {
    const [statement, key] = [join(folder, 'statement.json'), join(folder, 'key.pem')];
    await writeFile(statement, JSON.stringify(envelope));
    await writeFile(key, pem);
    const json = app.output.json ? ['--json'] : [];
    const args = [path, '--statement', statement, '--key', key, '--version', version, ...json];
    const code = await runOnDesk('verify', args, app.host.cwd, app.host.env);
    if (code !== 0) throw notVerified(`${path} is not the package of version ${version} that was signed.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const notVerified = (message: string) =>
  new Failure({
    kind: 'refused',
    code: 'cli.not_verified',
    message,
    remedy: 'Do not rely on it; tell the operator of the marketplace.',
  });
