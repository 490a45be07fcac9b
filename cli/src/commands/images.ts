import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Image, imageStatuses, operations } from '@souk/contract';
import { type Command, Option } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf, limitOption } from '../command.ts';
import { given } from '../given.ts';
import { bytes, count, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { listPages } from '../pages.ts';
import { awaitImage, imageFailed, pushImage } from '../push/push-image.ts';

export function imageCommands(program: Command, app: App): void {
  const images = group(program, 'images', 'Container images: push, scan, list');
  leaf(images, 'push <file>', 'Send an image and have it checked', {
    examples: ['souk images push iris.tar', 'souk images push iris.tar.gz --name iris:1'],
    notes:
      'Takes OCI archives and Docker archives, also compressed: `podman save --format oci-archive -o iris.tar iris:1`. An upload that breaks goes on where it was, also when the\n' +
      'command is run again. Waits until the checks have ended, unless --no-wait.',
  })
    .option('--name <name>', 'what to call it; else as the archive says')
    .addOption(new Option('--no-wait', 'do not wait for the checks'))
    .action(async (file: string, { name, wait }: PushOptions) =>
      ended(app, await pushImage(app, resolve(app.host.cwd, file), name), wait),
    );

  leaf(images, 'pull <address>', 'Have an image fetched from a registry and checked', {
    examples: [
      'souk images pull registry.example.com/team/iris@sha256:5f70bf18a086…',
      'souk images pull ghcr.io/me/iris:1 --username me',
    ],
    notes: 'The password is read from SOUK_REGISTRY_PASSWORD; it is kept sealed until the image is here.',
  })
    .option('--username <name>', 'who pulls it')
    .option('--name <name>', 'what to call it; else as its address')
    .addOption(new Option('--no-wait', 'do not wait for the checks'))
    .action(async (reference: string, options: PushOptions & { username?: string }) => {
      const client = await app.client();
      const { username, name, wait } = options;
      const password = app.host.env.SOUK_REGISTRY_PASSWORD;
      const body = given({ reference, username, password, name });
      await ended(app, await client.call(operations.pullImage, { body }), wait);
    });

  leaf(images, 'list', 'Your images, newest first', {
    examples: ['souk images list', 'souk images list --status Failed --json'],
  })
    .option('--name-contains <text>', 'only these')
    .addOption(choice('--status <status>', 'only these', imageStatuses))
    .addOption(limitOption(100))
    .action((options: ListOptions) => list(app, options));

  leaf(images, 'show <image>', 'One image by id or digest: layers, packages, findings', {
    examples: ['souk images show sha256:5f70bf18a086…', 'souk images show img_0m3k… --json'],
  }).action(async (image: string) => {
    const client = await app.client();
    showImage(app, await client.call(operations.getImage, { params: { image } }));
  });

  leaf(images, 'sbom <image>', 'The bill of materials of an image, CycloneDX', {
    examples: [
      'souk images sbom sha256:5f70bf18a086… > iris.cdx.json',
      'souk images sbom img_0m3k… --out iris.cdx.json',
    ],
  })
    .option('--out <file>', 'write it there instead of to stdout')
    .action(async (image: string, { out }: { out?: string }) => {
      const client = await app.client();
      const { response } = await client.exchange(operations.getImageBom, { params: { image } });
      const document = Buffer.from(await response.arrayBuffer());
      if (out === undefined) app.host.stdout.write(`${document.toString('utf8')}\n`);
      else {
        writeFileSync(resolve(app.host.cwd, out), document);
        app.output.done(`Wrote ${out} (${bytes(document.length)}).`);
      }
    });

  leaf(images, 'delete <image>', 'Delete an image that nothing uses', {
    examples: ['souk images delete sha256:5f70bf18a086…'],
  }).action(async (image: string) => {
    const client = await app.client();
    await client.call(operations.deleteImage, { params: { image } });
    app.output.done(`Deleted the image ${image}.`);
  });
}

interface PushOptions {
  name?: string;
  wait: boolean;
}
interface ListOptions {
  nameContains?: string;
  status?: Image['status'];
  limit: number;
}

async function ended(app: App, image: Image, wait: boolean): Promise<void> {
  const checked = wait ? await awaitImage(app, image) : image;
  if (checked.status === 'Failed') {
    if (app.output.json) app.output.line(JSON.stringify(checked));
    throw imageFailed(checked);
  }
  showImage(app, checked);
}

async function list(app: App, { limit, ...filter }: ListOptions): Promise<void> {
  const client = await app.client();
  const items = await listPages(app, limit, (page) =>
    client.call(operations.listImages, { query: { ...page, ...given(filter) } }),
  );
  const { style } = app.output;
  app.output.list(
    items,
    [
      { title: 'NAME', value: (i) => i.name, flexible: true },
      { title: 'STATUS', value: (i) => i.status, paint: (t) => state(style, t) },
      { title: 'SIZE', value: (i) => (i.sizeBytes === null ? '' : bytes(i.sizeBytes)), align: 'right' },
      { title: 'CREATED', value: (i) => time(i.createdAt) },
      { title: 'ID', value: (i) => i.id },
      { title: 'DIGEST', value: (i) => i.digest ?? '', flexible: true, optional: true },
    ],
    'There are no images. Push one: podman save --format oci-archive -o image.tar NAME && souk images push image.tar',
  );
}

function showImage(app: App, i: Image): void {
  const { output } = app;
  const words = (list: readonly string[] | undefined) => (list?.length ? JSON.stringify(list) : null);
  output.item(i, [
    ['name', i.name],
    ['id', i.id],
    ['digest', i.digest],
    ['status', state(output.style, i.status)],
    ['now', i.statusMessage],
    ['reason', i.failureReason],
    ['from', i.source.kind === 'upload' ? i.source.fileName : i.source.reference],
    ['platform', i.platform],
    ['built on', i.distribution],
    ['size', i.sizeBytes === null ? null : `${bytes(i.sizeBytes)} in ${count(i.layers.length)} layers`],
    ['entry point', words(i.run?.entrypoint)],
    ['command', words(i.run?.cmd)],
    ['user', i.run ? i.run.user || 'root' : null],
    ['ports', i.run?.exposedPorts.join(', ')],
    ['packages', i.run ? count(i.packagesCount) : null],
    ['malware scan', i.malwareScan],
    ['used by', i.usedBy.map((u) => `${u.kind} ${u.name}`).join('\n')],
    ['pushed', `${time(i.createdAt)} by ${i.pushedBy}`],
  ]);
  output.part('Layers', i.layers, [
    { title: 'SIZE', value: (l) => bytes(l.sizeBytes), align: 'right' },
    { title: 'UNPACKED', value: (l) => bytes(l.unpackedBytes), align: 'right' },
    { title: 'FILES', value: (l) => count(l.files), align: 'right' },
    { title: 'MADE BY', value: (l) => l.createdBy ?? '', flexible: true },
    { title: 'DIGEST', value: (l) => l.digest, optional: true, flexible: true },
  ]);
  if (!output.json) output.findings(i.findings);
}
