import { setTimeout as sleep } from 'node:timers/promises';
import { type Image, operations } from '@souk/contract';
import type { App } from '../app.ts';
import { Failure } from '../failure.ts';
import { LiveLines } from '../follow/spinner.ts';
import { given } from '../given.ts';
import { duration } from '../output/format.ts';
import { sourceOf } from '../upload/source.ts';
import { UploadMemory } from '../upload/upload.ts';
import { digestOf, sendFile } from './register-model.ts';

/** Sends an archive and has an image made of it; an upload that an earlier push used up is sent anew. */
export async function pushImage(app: App, path: string, name: string | undefined): Promise<Image> {
  const client = await app.client();
  const memory = new UploadMemory((await app.settings()).dataFolder);
  const source = await sourceOf(path);
  const sha256 = await digestOf(app, source);
  const register = async () => {
    const uploadId = await sendFile(app, source, { purpose: 'image', sha256 });
    return client.call(operations.createImage, { body: given({ uploadId, name }) });
  };
  try {
    return await register();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'upload.missing') throw error;
    await memory.forget(`${client.url} image ${sha256}`);
    return register();
  }
}

const finished = (i: Image) => i.status === 'Completed' || i.status === 'Failed';

/** Waits for the checks of an image; what is done to it now is shown meanwhile. */
export async function awaitImage(app: App, pushed: Image): Promise<Image> {
  const { output } = app;
  const client = await app.client();
  let now = pushed;
  const startedAt = Date.now();
  const line = (frame: string) => [
    `${output.noteStyle('cyan', frame)} ${now.name}  ${now.statusMessage ?? now.status}  ${duration(Date.now() - startedAt)}`,
  ];
  const live = output.watched && !output.json && !finished(now) ? new LiveLines(app, line) : undefined;
  try {
    for (let waitMs = 250; !finished(now); waitMs = Math.min(waitMs * 1.5, 2000)) {
      await sleep(waitMs, undefined, { signal: client.signal });
      now = await client.call(operations.getImage, { params: { image: now.id } });
    }
  } finally {
    live?.stop();
  }
  return now;
}

export const imageFailed = (i: Image) =>
  new Failure({
    kind: 'refused',
    code: 'cli.image_failed',
    message: `The image ${i.name} is Failed: ${(i.failureReason ?? 'its checks refuse it').replace(/\.$/, '')}.`,
    remedy: 'Mend what the findings name, build the image again, and push it again.',
    findings: i.findings,
  });
