import { basename } from 'node:path';
import type { RunningModel } from './runtime.ts';

/** What is to be served. Its kind decides which backend starts it; packages are named by digest, and only verified ones are started. */
export type Servable =
  | {
      readonly kind: 'onnx';
      readonly packageSha256: string;
      readonly modelName: string;
      readonly batching: { readonly windowMs: number; readonly recordsMax: number } | null;
    }
  | {
      readonly kind: 'container';
      readonly imageDigest: string;
      /** Unpacked to /opt/ml/model; null: the image has its model in itself. */
      readonly packageSha256: string | null;
      readonly environment: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'process';
      /** The model, at /opt/ml/model. */
      readonly packageSha256: string;
      /** The archive of the program that serves it, at /opt/ml/code. */
      readonly programSha256: string;
      readonly entry: string;
      readonly interpreter: string;
      readonly args: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'remote'; readonly serverId: string };

export interface ServeRequest {
  /** For logs and people. */
  readonly name: string;
  readonly servable: Servable;
  readonly instance: {
    readonly name: string;
    readonly cpus: number;
    readonly memoryMb: number;
    /** Where it says `slurm`, a node of the cluster serves. */
    readonly backend?: string;
  };
  /**
   * One of several that belong together. On a cluster they are one array of jobs, and each is found again under this id by whoever asks next,
   * also after a restart of Souk.
   */
  readonly placement?: { readonly id: string; readonly index: number; readonly count: number };
  /** Beside what the servable itself says: what a batch job tells its containers, for example. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What it writes, line by line. */
  readonly onLog?: (line: string) => void;
  readonly startTimeoutMs?: number;
  /** The unpacked package, where the caller has verified it a moment ago. */
  readonly unpacked?: string;
}

/** Starts a model where its backend runs things. Rejects only for what breaks on our side; a model that cannot start says so by `ready`. */
export type StartServable = (request: ServeRequest) => Promise<RunningModel>;

export interface ServingBackend {
  readonly kind: Servable['kind'];
  /** Why nothing of this kind can be started here now, with what would change that; null where it can. */
  unavailable(): Promise<string | null>;
  readonly start: StartServable;
}

/** The one way to start something: callers know the contract, and never which backend it is. */
export function startServables(backends: readonly ServingBackend[]): StartServable {
  const known = new Map(backends.map((b) => [b.kind, b]));
  return async (request) => {
    const { kind } = request.servable;
    const backend = known.get(kind);
    if (!backend) throw new Error(`this node has no backend of kind ${kind}`);
    const why = await backend.unavailable();
    if (why !== null) throw new Error(why);
    return await backend.start(request);
  };
}

/** An ONNX package; calls are run together only where its publisher said so. */
export const servedOnnx = (
  packageSha256: string,
  modelName: string,
  batching: Extract<Servable, { kind: 'onnx' }>['batching'] | undefined = null,
): Servable => ({ kind: 'onnx', packageSha256, modelName, batching });

/** A program that serves what its algorithm has trained: where it lies in which archive, and what runs it. */
export interface ServingProgram {
  readonly sha256: string;
  readonly entry: string;
  readonly interpreter: string;
  readonly args: readonly string[];
}

export const servedProgram = (
  { sha256, entry, interpreter, args }: ServingProgram,
  packageSha256: string,
): Servable => ({
  kind: 'process',
  packageSha256,
  programSha256: sha256,
  // The folder that it lies in is what the program sees.
  entry: basename(entry),
  interpreter,
  args,
  environment: {},
});
