import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BodyOf,
  contentTypes,
  type InferenceSpecification,
  type ModelPackage,
  operations,
  type Upload,
  type ValidationProfile,
} from '@souk/contract';
import type { App } from '../app.ts';
import { Failure } from '../failure.ts';
import { LiveLines } from '../follow/spinner.ts';
import { duration } from '../output/format.ts';
import { progressBar } from '../upload/progress.ts';
import { type Source, sha256Of } from '../upload/source.ts';
import { UploadMemory, upload } from '../upload/upload.ts';

export type NewModelPackage = BodyOf<typeof operations.createModelPackage>;

/** Hashes with a bar, because a large model on a slow disk takes as long as its upload. */
export async function digestOf(app: App, source: Source): Promise<string> {
  const bar = progressBar(app, 'hashing  ', source.sizeBytes);
  try {
    return await sha256Of(source, (done) => bar.update(done));
  } finally {
    bar.stop();
  }
}

export async function sendFile(
  app: App,
  source: Source,
  wanted: { purpose: Upload['purpose']; sha256: string },
): Promise<string> {
  const client = await app.client();
  const { dataFolder } = await app.settings();
  const bar = progressBar(app, 'uploading', source.sizeBytes);
  const watcher = {
    progress: (done: number) => bar.update(done),
    trouble: (what: string) => bar.note(what),
  };
  try {
    const memory = new UploadMemory(dataFolder);
    const { id } = await upload(client, source, wanted, memory, watcher);
    // Pictures and samples are named by their digest from here on; a model still has to be registered.
    if (wanted.purpose !== 'model') await memory.forget(`${client.url} ${wanted.purpose} ${wanted.sha256}`);
    return id;
  } finally {
    bar.stop();
  }
}

/** Uploads and registers; an upload that an earlier registration used up is sent anew. */
export async function registerModel(
  app: App,
  source: Source | undefined,
  sha256: string,
  wanted: Omit<NewModelPackage, 'uploadId'>,
): Promise<ModelPackage> {
  const client = await app.client();
  // The image has its model in itself: there is nothing to send.
  if (!source) return client.call(operations.createModelPackage, { body: wanted });
  const memory = new UploadMemory((await app.settings()).dataFolder);
  const register = async () => {
    const uploadId = await sendFile(app, source, { purpose: 'model', sha256 });
    return client.call(operations.createModelPackage, { body: { ...wanted, uploadId } });
  };
  let made: ModelPackage;
  try {
    made = await register();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'upload.missing') throw error;
    await memory.forget(`${client.url} model ${sha256}`);
    made = await register();
  }
  await memory.forget(`${client.url} model ${sha256}`);
  return made;
}

const finished = (m: ModelPackage) => m.status === 'Completed' || m.status === 'Failed';

/** Waits for the checks of a package; their steps are shown while they run. */
export async function awaitModel(app: App, registered: ModelPackage): Promise<ModelPackage> {
  const { output } = app;
  const client = await app.client();
  let now = registered;
  const startedAt = Date.now();
  const line = (frame: string) => {
    const running = [...now.imageScanStatuses, ...now.validationStatuses].find(
      (s) => s.status === 'InProgress',
    );
    return [
      `${output.noteStyle('cyan', frame)} ${now.name}  ${now.status}${running ? `: ${running.name}` : ''}  ${duration(Date.now() - startedAt)}`,
    ];
  };
  const live = output.watched && !output.json && !finished(now) ? new LiveLines(app, line) : undefined;
  try {
    for (let waitMs = 250; !finished(now); waitMs = Math.min(waitMs * 1.5, 2000)) {
      await sleep(waitMs, undefined, { signal: client.signal });
      now = await client.call(operations.getModelPackage, { params: { name: now.name } });
    }
  } finally {
    live?.stop();
  }
  return now;
}

export const modelFailed = (m: ModelPackage) =>
  new Failure({
    kind: 'refused',
    code: 'cli.model_failed',
    message: `The model package ${m.name} is Failed: ${(m.failureReason ?? 'its checks refuse it').replace(/\.$/, '')}.`,
    remedy: 'Mend what the findings name, then push again; a failed package is registered anew.',
    findings: m.findings,
  });

/** The contract wants the whole specification or none: what is not said is everything that this marketplace has. */
export async function inferenceSpecification(
  app: App,
  said: {
    readonly contentTypes?: readonly string[] | undefined;
    readonly responseTypes?: readonly string[] | undefined;
    readonly realtime?: readonly string[] | undefined;
    readonly batch?: readonly string[] | undefined;
    readonly batching?: InferenceSpecification['batching'];
    readonly container?: InferenceSpecification['container'];
    readonly server?: string | undefined;
  },
): Promise<InferenceSpecification | undefined> {
  if (Object.values(said).every((v) => v === undefined)) return undefined;
  const client = await app.client();
  const types = async () =>
    (await client.call(operations.listInstanceTypes)).items.filter((t) => t.enabled).map((t) => t.name);
  return {
    supportedContentTypes: [...(said.contentTypes ?? contentTypes)],
    supportedResponseMIMETypes: [...(said.responseTypes ?? contentTypes)],
    supportedRealtimeInferenceInstanceTypes: [...(said.realtime ?? (await types()))],
    supportedTransformInstanceTypes: [...(said.batch ?? said.realtime ?? (await types()))],
    ...(said.batching ? { batching: said.batching } : {}),
    ...(said.container ? { container: said.container } : {}),
    ...(said.server === undefined ? {} : { server: said.server }),
  };
}

export function validationProfile(said: {
  readonly contentType: string;
  readonly input: string;
  readonly responseType?: string | undefined;
  readonly output?: string | undefined;
}): ValidationProfile {
  return {
    profileName: 'sample',
    input: { contentType: said.contentType, body: said.input },
    expected: {
      contentType: said.responseType ?? said.contentType,
      ...(said.output === undefined ? {} : { body: said.output }),
    },
  };
}
