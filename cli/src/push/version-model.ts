import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ModelPackage, operations, type ProductDocument } from '@souk/contract';
import type { App } from '../app.ts';
import { canonicalJson } from '../canonical-json.ts';
import { checkSoukYaml } from '../document/check.ts';
import type { ModelPart } from '../document/parts.ts';
import { type SoukYaml, unreadable } from '../document/souk-yaml.ts';
import { given } from '../given.ts';
import { sourceOf } from '../upload/source.ts';
import {
  awaitModel,
  digestOf,
  inferenceSpecification,
  modelFailed,
  registerModel,
  validationProfile,
} from './register-model.ts';

/** The model of a version: registered already, or to be registered from what lies here. */
export type VersionModel =
  | { readonly kind: 'registered'; readonly arn: string; readonly sha256: string | null }
  | {
      readonly kind: 'new';
      readonly name: string;
      /** Undefined: there is an image and nothing beside it. */
      readonly path: string | undefined;
      readonly sha256: string;
      /** Uploads, registers and waits for the checks; the ARN. */
      readonly register: () => Promise<string>;
    };

/** Looks up what is registered already; nothing is sent until `register` is called. */
export async function versionModel(
  app: App,
  file: SoukYaml,
  index: number,
  model: ModelPart,
  before: ProductDocument | undefined,
): Promise<VersionModel> {
  const version = file.document.versions?.[index];
  const number = version?.number ?? String(index + 1);
  const path = model.path === undefined ? undefined : resolve(file.folder, model.path);
  if (path !== undefined && !existsSync(path)) {
    const registered = before?.versions?.find((v) => v.number === number)?.modelPackageArn;
    if (!registered) throw unreadable(file.shownAs, checkSoukYaml(file));
    app.output.note(`${model.path} is not here; version ${number} keeps ${registered}.`);
    return { kind: 'registered', arn: registered, sha256: null };
  }
  const input = model.sample?.input ?? version?.input?.samples?.realtime;
  if (input === undefined) throw noSample(file, index);
  const profile = validationProfile({
    contentType: model.sample?.contentType ?? version?.input?.samples?.contentType ?? 'application/json',
    input,
    responseType: model.sample?.responseType ?? version?.output?.samples?.contentType,
    output: model.sample?.output ?? version?.output?.samples?.realtime,
  });
  const source = path === undefined ? undefined : await sourceOf(path);
  for (const note of source?.notes ?? []) app.output.note(note);
  const sha256 = source ? await digestOf(app, source) : '';
  const base = model.name ?? defaultName(file.product?.slug ?? 'model', number);
  const existing = await findPackage(app, base, model.name !== undefined, {
    sha256,
    container: model.container,
    profile,
  });
  if (typeof existing !== 'string') {
    const done = await awaitModel(app, existing);
    if (done.status === 'Failed') throw modelFailed(done);
    return { kind: 'registered', arn: done.arn, sha256 };
  }
  const register = async () => {
    const registered = await registerModel(
      app,
      source,
      sha256,
      given({
        name: existing,
        description: model.description,
        region: model.region,
        inferenceSpecification: await inferenceSpecification(app, {
          contentTypes: model.contentTypes,
          responseTypes: model.responseTypes,
          realtime: model.instanceTypes?.realtime,
          batch: model.instanceTypes?.batch,
          batching: model.batching,
          container: model.container,
        }),
        validationSpecification: { validationProfiles: [profile] },
        certifyForMarketplace: true,
      }),
    );
    app.output.done(`Registered the model of version ${number}: ${registered.arn}`);
    const done = await awaitModel(app, registered);
    if (done.status === 'Failed') throw modelFailed(done);
    return done.arn;
  };
  return { kind: 'new', name: existing, path: model.path, sha256, register };
}

/** `iris-classifier-1-0-0`: within SageMaker's 63 characters, the version whole. */
export function defaultName(slug: string, version: string): string {
  const tail = version.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^-|-$/g, '');
  return `${slug.slice(0, 58 - tail.length).replace(/-+$/, '')}-${tail}`.slice(0, 60);
}

/**
 * The package that already holds these bytes and this sample, or the name for a new one. A registered package never
 * changes and a failed one is never repaired, so a changed model takes the next free name.
 */
async function findPackage(
  app: App,
  base: string,
  nameIsChosen: boolean,
  wanted: {
    readonly sha256: string;
    readonly container: ModelPart['container'];
    readonly profile: ModelPackage['validationSpecification']['validationProfiles'][number];
  },
): Promise<ModelPackage | string> {
  const client = await app.client();
  const taken = new Map<string, ModelPackage>();
  let cursor: string | null = null;
  do {
    const page: { items: ModelPackage[]; nextCursor: string | null } = await client.call(
      operations.listModelPackages,
      { query: { nameContains: base, limit: 200, ...(cursor === null ? {} : { cursor }) } },
    );
    for (const item of page.items) taken.set(item.name, item);
    cursor = page.nextCursor;
  } while (cursor !== null);
  const ours = [...taken.values()].filter(
    (m) => m.name === base || new RegExp(`^${base}-\\d+$`).test(m.name),
  );
  const usable = ours.find(
    (m) =>
      (wanted.sha256 === '' || m.archive.sha256 === wanted.sha256) &&
      canonicalJson(m.inferenceSpecification.container ?? null) === canonicalJson(wanted.container ?? null) &&
      m.status !== 'Failed' &&
      m.status !== 'Deleting' &&
      canonicalJson(m.validationSpecification.validationProfiles[0]) === canonicalJson(wanted.profile),
  );
  if (usable) return usable;
  if (nameIsChosen) return base;
  for (let n = 2, name = base; ; name = `${base}-${n++}`) if (!taken.has(name)) return name;
}

const noSample = (file: SoukYaml, index: number) =>
  unreadable(
    file.shownAs,
    file.lines.locate(
      [
        {
          rule: 'souk-yaml',
          code: 'souk-yaml.no_sample',
          severity: 'error',
          file: null,
          pointer: `/versions/${index}/input`,
          line: null,
          message: 'The checks need a sample input to send.',
          remedy: 'Give input.samples.realtime, or model.sample.input.',
        },
      ],
      file.shownAs,
    ),
  );
