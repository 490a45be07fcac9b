import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Algorithm,
  algorithmFindings,
  type BodyOf,
  type Finding,
  finding,
  hasNoErrors,
  operations,
} from '@souk/contract';
import { parseDocument } from 'yaml';
import type { App } from '../app.ts';
import { fillFiles } from '../document/files.ts';
import { shapeFindings } from '../document/shape.ts';
import { Failure } from '../failure.ts';
import type { Source } from '../upload/source.ts';
import { UploadMemory } from '../upload/upload.ts';
import { sendFile } from './register-model.ts';

export type NewAlgorithm = BodyOf<typeof operations.registerAlgorithm>;
/** What algorithm.yaml says: the body of a registration without name and upload. */
export type AlgorithmFile = Omit<NewAlgorithm, 'uploadId' | 'name'> & { name?: string };

/** Reads algorithm.yaml (or JSON), files filled in; what is wrong with it is said before anything is sent. */
export function readAlgorithmFile(path: string, cwd: string): { file: AlgorithmFile; findings: Finding[] } {
  const full = resolve(cwd, path);
  const shown = relative(cwd, full) || path;
  const parsed = parseDocument(readFileSync(full, 'utf8'), { prettyErrors: false });
  if (parsed.errors.length > 0)
    throw unusable(
      shown,
      parsed.errors.map((e) =>
        finding({
          rule: 'algorithm-yaml',
          code: 'algorithm-yaml.syntax',
          severity: 'error',
          file: shown,
          message: e.message,
          remedy: 'Mend the YAML there.',
        }),
      ),
    );
  const filled = fillFiles(parsed.toJS(), dirname(full));
  const body = { name: 'algorithm', uploadId: 'upl_0000000000000000', ...(filled.tree as object) };
  const shape = shapeFindings(operations.registerAlgorithm.body, body, '');
  const misshapen = [...filled.findings, ...shape].map((f) => ({ ...f, file: shown }));
  if (!hasNoErrors(misshapen)) throw unusable(shown, misshapen);
  const file = filled.tree as AlgorithmFile;
  const findings = algorithmFindings(
    file.trainingSpecification,
    file.validationSpecification.validationProfiles[0],
  ).map((f) => ({ ...f, file: shown }));
  return { file, findings };
}

export const unusable = (file: string, findings: readonly Finding[]) =>
  new Failure({
    kind: 'refused',
    code: 'cli.algorithm_unreadable',
    message: `${file} cannot be used as it is.`,
    remedy: 'Mend what the findings name.',
    findings,
  });

/** Uploads and registers; an upload that an earlier registration used up is sent anew. */
export async function registerAlgorithm(
  app: App,
  source: Source | undefined,
  sha256: string,
  wanted: Omit<NewAlgorithm, 'uploadId'>,
): Promise<Algorithm> {
  const client = await app.client();
  // The image has its program in itself: there is nothing to send.
  if (!source) return client.call(operations.registerAlgorithm, { body: wanted });
  const memory = new UploadMemory((await app.settings()).dataFolder);
  const register = async () => {
    const uploadId = await sendFile(app, source, { purpose: 'model', sha256 });
    return client.call(operations.registerAlgorithm, { body: { ...wanted, uploadId } });
  };
  let made: Algorithm;
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

/** Waits for the sample training and the other checks. */
export async function awaitAlgorithm(app: App, registered: Algorithm): Promise<Algorithm> {
  const client = await app.client();
  let now = registered;
  let said = '';
  for (
    let waitMs = 250;
    now.status !== 'Completed' && now.status !== 'Failed';
    waitMs = Math.min(waitMs * 1.5, 2000)
  ) {
    await sleep(waitMs, undefined, { signal: client.signal });
    now = await client.call(operations.getAlgorithm, {
      params: { name: now.name },
      query: { region: now.region },
    });
    const step = [...now.imageScanStatuses, ...now.validationStatuses].find((s) => s.status === 'InProgress');
    const words = step ? `${step.name}${step.failureReason ? `: ${step.failureReason}` : ''}` : '';
    if (words !== '' && words !== said) app.output.note(words);
    said = words;
  }
  return now;
}

export const algorithmFailed = (a: Algorithm) =>
  new Failure({
    kind: 'refused',
    code: 'cli.algorithm_failed',
    message: `The algorithm ${a.name} is Failed: ${(a.failureReason ?? 'its checks refuse it').replace(/\.$/, '')}.`,
    remedy:
      'Mend what the findings name, then push under another name; a failed algorithm is registered anew.',
    findings: a.findings,
  });
