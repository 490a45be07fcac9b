import { Readable } from 'node:stream';
import type { Platform } from '../../platform/platform.ts';
import type { Locations, StagedFile } from '../files/index.ts';
import * as store from './transforms.sql.ts';
import type { Job } from './transforms.worker.ts';

const pageSize = 1000;

/**
 * What became of every file, beside the results: inputs, outputs, digests, failures. A job that cannot write it (the account is full, its bucket
 * away) ends as it ends; the API tells the same.
 */
export async function writeManifest(
  { db, log, clock }: Platform,
  locations: Locations,
  job: Job,
  event: string,
): Promise<StagedFile | undefined> {
  const { id, accountId, name, request, model } = job;
  const now = await store.find(db, id);
  if (!now?.filesTotal) return undefined;
  async function* lines() {
    const head = {
      transformJob: name,
      outcome: event,
      model: model.name,
      input: request.transformInput.uri,
      endedAt: clock.now().toISOString(),
    };
    yield `${JSON.stringify(head).slice(0, -1)},"files":[`;
    for (let after = 0, first = true; ; ) {
      const page = await store.listFiles(db, id, null, after, pageSize);
      for (const f of page) {
        const state = f.state === 'waiting' || f.state === 'running' ? 'skipped' : f.state;
        const told = {
          input: f.inputUri,
          output: state === 'done' ? f.outputUri : null,
          state,
          rows: f.rows,
          sizeBytes: f.outputBytes,
          sha256: f.outputSha256,
          failure: f.failure,
        };
        yield `${first ? '' : ','}\n${JSON.stringify(told)}`;
        first = false;
      }
      const last = page.at(-1);
      if (!last || page.length < pageSize) break;
      after = last.position;
    }
    yield '\n]}\n';
  }
  try {
    const uri = `${request.transformOutput.uri.replace(/\/*$/, '')}/${name}.manifest.json`;
    return await locations.stage(accountId, uri, Readable.from(bytesOf(lines())));
  } catch (error) {
    log.warn({ err: (error as Error).message, job: id }, 'the manifest of a transform job was not written');
    return undefined;
  }
}

async function* bytesOf(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text);
}
