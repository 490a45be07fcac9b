import { randomBytes, randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SoukError } from '../../../platform/errors.ts';
import type { ImageArchive } from '../container/image-store.ts';
import type { Servable, ServeRequest, StartServable } from '../servable.ts';
import { quoted } from '../training/slurm/slurm-script.ts';
import { followServed } from './follow-served.ts';
import { nodeRuntime, removeOld } from './node-runtime.ts';
import { type Plan, servingFiles } from './placement.ts';
import { clusterProblem } from './readiness.ts';
import { nodeFolderOf, type SlurmSettings } from './slurm.ts';
import { type Cluster, isAlive, slurmCommands } from './slurm-commands.ts';

export interface ClusterServing {
  unavailable(): Promise<SoukError | null>;
  /** Answers at once; what was asked for is ready when a node of the cluster serves it, however long it waits in the queue. */
  readonly start: StartServable;
  /** Ends whatever still runs or waits under this placement. */
  clear(placementId: string): Promise<void>;
}

export interface ClusterServingParts {
  readonly settings: SlurmSettings | null;
  /** The unpacked, verified files of a model: an ONNX package, or whatever a program or an image reads. */
  readonly packagePath: (servable: Servable) => Promise<string | null>;
  readonly programPath: (sha256: string) => Promise<string>;
  readonly archive: ImageArchive;
  readonly socketDir: string;
  readonly bodyBytesMax: number;
  readonly cluster?: Cluster;
  readonly pollMs?: number;
  readonly leashMs?: number;
}

const pollMsUsual = 1000;
/** Longer than a restart of Souk takes, with its migrations. */
const leashMsUsual = 5 * 60_000;
/** For what starts and watches the model, and carries its calls. */
const agentMb = 256;
/** Those who belong together ask within the same moment. */
const togetherMs = 200;
const imageDays = 7;
const leftDays = 7;

interface Group {
  readonly id: string;
  /** Indices that are followed here. */
  readonly held: Set<number>;
  waiting: {
    readonly index: number;
    readonly go: (found: boolean) => void;
    readonly refuse: (error: unknown) => void;
  }[];
  placing: Promise<void>;
}

/** Serves models as jobs of a cluster: those of one placement are one array, each with a place in the queue of its own. */
export function clusterServing(parts: ClusterServingParts): ClusterServing {
  const { settings } = parts;
  const cluster = parts.cluster ?? slurmCommands(settings?.environment ?? {});
  const pollMs = parts.pollMs ?? pollMsUsual;
  const groups = new Map<string, Group>();
  const topOf = (id: string) => join(settings?.folder ?? '', 'serving', id);
  const nameOf = (id: string) => `souk-${id}`;

  const start: StartServable = async (request) => {
    if (!settings) throw new SoukError('cluster.not_configured');
    const { id, index, count } = request.placement ?? { id: randomUUID(), index: 1, count: 1 };
    const group: Group = groups.get(id) ?? { id, held: new Set(), waiting: [], placing: Promise.resolve() };
    groups.set(id, group);
    group.held.add(index);
    return await followServed({
      name: nameOf(id),
      index,
      top: topOf(id),
      cluster,
      pollMs,
      socketDir: parts.socketDir,
      ...(request.onLog ? { onLog: request.onLog } : {}),
      place: () => place(settings, group, request, index, count),
      async gone(left) {
        group.held.delete(index);
        if (!left) await rm(join(topOf(id), servingFiles.folder(index)), { recursive: true, force: true });
        if (group.held.size > 0) return;
        groups.delete(id);
        if (!left) await rm(topOf(id), { recursive: true, force: true });
      },
    });
  };

  /** Collects those who ask together, so that they are submitted together. */
  function place(s: SlurmSettings, group: Group, request: ServeRequest, index: number, count: number) {
    return new Promise<boolean>((go, refuse) => {
      group.waiting.push({ index, go, refuse });
      const all = () => {
        const asked = group.waiting;
        if (asked.length === 0) return;
        group.waiting = [];
        group.placing = group.placing
          .then(() =>
            placeAll(
              s,
              group.id,
              request,
              asked.map((a) => a.index),
            ),
          )
          .then(
            (submitted) => asked.forEach((a) => void a.go(!submitted.includes(a.index))),
            (error: unknown) => asked.forEach((a) => void a.refuse(error)),
          );
      };
      if (group.waiting.length >= count) all();
      else setTimeout(all, togetherMs);
    });
  }

  /** Leaves alone what runs or waits already, from before a restart; submits the rest as one array, and answers which. */
  async function placeAll(
    s: SlurmSettings,
    id: string,
    request: ServeRequest,
    indices: readonly number[],
  ): Promise<number[]> {
    const top = topOf(id);
    const alive = new Set(
      (await cluster.jobs(nameOf(id))).filter((j) => isAlive(j.state)).map((j) => j.index),
    );
    if (!existsSync(join(top, servingFiles.plan))) await prepare(s, top, request);
    const wanted: number[] = [];
    for (const index of indices) {
      const folder = join(top, servingFiles.folder(index));
      if (alive.has(index) && !existsSync(join(folder, servingFiles.ended))) continue;
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      wanted.push(index);
    }
    if (wanted.length === 0) return wanted;
    const { instance } = request;
    await cluster
      .submit([
        `--job-name=${nameOf(id)}`,
        ...(s.partition === null ? [] : [`--partition=${s.partition}`]),
        ...(s.account === null ? [] : [`--account=${s.account}`]),
        `--array=${wanted.join(',')}`,
        '--nodes=1',
        '--ntasks=1',
        `--cpus-per-task=${Math.max(1, Math.ceil(instance.cpus))}`,
        `--mem=${instance.memoryMb + agentMb}M`,
        `--chdir=${top}`,
        `--output=${join(top, servingFiles.jobLog)}`,
        '--open-mode=append',
        // Souk submits it again itself, and knows then that it has.
        '--no-requeue',
        '--export=NONE',
        join(top, servingFiles.script),
      ])
      .catch((error: unknown) => {
        if (error instanceof SoukError && error.code === 'cluster.too_large')
          throw new SoukError(error.code, { ...error.params, instanceType: instance.name });
        throw error;
      });
    return wanted;
  }

  async function prepare(s: SlurmSettings, top: string, request: ServeRequest): Promise<void> {
    const { servable, environment = {}, startTimeoutMs, name } = request;
    const { name: type, cpus, memoryMb } = request.instance;
    await removeLeft(s);
    await mkdir(top, { recursive: true, mode: 0o700 });
    const runtime = await nodeRuntime(s.folder);
    const model = request.unpacked ?? (await parts.packagePath(servable));
    const plan: Plan = {
      name,
      servable,
      instance: { name: type, cpus, memoryMb },
      environment,
      ...(startTimeoutMs === undefined ? {} : { startTimeoutMs }),
      model: model === null ? null : await staged(model, join(top, servingFiles.model)),
      program:
        servable.kind === 'process'
          ? await staged(await parts.programPath(servable.programSha256), join(top, servingFiles.program))
          : null,
      image: servable.kind === 'container' ? await sharedImage(s, parts.archive, servable.imageDigest) : null,
      bodyBytesMax: Math.max(
        parts.bodyBytesMax,
        Number(environment.SAGEMAKER_MAX_PAYLOAD_IN_MB ?? 0) * 1024 * 1024,
      ),
      key: randomBytes(32).toString('hex'),
      leashMs: parts.leashMs ?? leashMsUsual,
      nodeFolder: nodeFolderOf(s),
    };
    await writeFile(
      join(top, servingFiles.script),
      `#!/bin/sh
export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
exec ${quoted(runtime.node)} --disable-warning=ExperimentalWarning ${quoted(runtime.main)} serve ${quoted(top)} "$SLURM_ARRAY_TASK_ID"
`,
    );
    const path = join(top, servingFiles.plan);
    await writeFile(`${path}.part`, JSON.stringify(plan), { mode: 0o600 });
    await rename(`${path}.part`, path);
  }

  /** Of jobs that were ended while Souk was away for good: their nodes have given up, their folders stay. */
  async function removeLeft(s: SlurmSettings): Promise<void> {
    const folder = join(s.folder, 'serving');
    for (const id of await readdir(folder).catch(() => [])) {
      const found = await stat(join(folder, id)).catch(() => undefined);
      if (!found || groups.has(id) || Date.now() - found.mtimeMs < leftDays * 86_400_000) continue;
      const jobs = await cluster.jobs(nameOf(id));
      if (!jobs.some((j) => isAlive(j.state))) await rm(join(folder, id), { recursive: true, force: true });
    }
  }

  return {
    unavailable: () => clusterProblem(settings, cluster),
    start,
    async clear(id) {
      if (!settings || !existsSync(topOf(id))) return;
      for (const { jobId, state } of await cluster.jobs(nameOf(id)))
        if (isAlive(state)) await cluster.cancel(jobId);
      await rm(topOf(id), { recursive: true, force: true });
    },
  };
}

async function staged(from: string, to: string): Promise<string> {
  if (existsSync(to)) return to;
  const part = `${to}.part`;
  await rm(part, { recursive: true, force: true });
  await cp(from, part, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await rename(part, to);
  return to;
}

/** An image as the nodes load it, kept for a while: the next job of it finds it there. */
export async function sharedImage(s: SlurmSettings, archive: ImageArchive, digest: string): Promise<string> {
  const folder = join(s.folder, 'images');
  const path = join(folder, `${digest.replace('sha256:', '')}.oci`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (existsSync(path)) {
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return path;
  }
  await removeOld(folder, imageDays);
  const made = await archive(digest);
  try {
    const part = `${path}.${randomUUID()}.part`;
    await copyFile(made.path, part, constants.COPYFILE_FICLONE);
    await rename(part, path);
  } finally {
    await made.remove?.();
  }
  return path;
}
