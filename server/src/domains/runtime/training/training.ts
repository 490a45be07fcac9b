/**
 * A training as every backend gets it: a program over /opt/ml. Backends differ in where it runs.
 *
 * The layout, the same everywhere (opt-ml.ts lays it out): input/config/*.json, input/data/<channel>, model, output, checkpoints.
 */
export interface TrainingRun {
  /**
   * The same for the same attempt of the same job. A backend whose runs outlive this process finds what runs under it again instead of
   * starting it twice.
   */
  readonly id: string;
  readonly jobName: string;
  readonly jobArn: string;
  readonly program: TrainingCode;
  readonly channels: readonly TrainingInput[];
  readonly hyperParameters: Readonly<Record<string, string>>;
  readonly instance: { readonly name: string; readonly cpus: number; readonly memoryMb: number };
  /** How many hosts, named algo-1 to algo-n; at most `hostsMax` of the backend. Each has the whole instance for itself. */
  readonly hosts: number;
  readonly checkpoints: Checkpoints | null;
  readonly limits: TrainingLimits;
  /** A folder of its own; holds `model` and `output` afterwards, of all hosts together. */
  readonly workDir: string;
  /** Told from the first line on, also by a backend that found its run again. */
  readonly onLines: (lines: readonly string[]) => void;
  /** Told as often as it changes where it runs: how it began, on which machine. */
  readonly onStage?: (stage: TrainingStage) => void;
  /** The training is to end: SIGTERM, the grace of the limits, SIGKILL. It ends as `cancelled`. */
  readonly stop?: AbortSignal;
  /** Whoever asked ends. What cannot outlive it is killed at once; what can goes on, and is found again. It ends as `cancelled`. */
  readonly signal: AbortSignal;
}

export type TrainingCode =
  | {
      readonly kind: 'process';
      /** The unpacked program; `entry` is its executable `train`. */
      readonly folder: string;
      readonly entry: string;
      readonly interpreter: string;
      readonly args: readonly string[];
      readonly environment?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'container';
      /** `sha256:…` of an image that Souk keeps; it is run with the argument `train`. */
      readonly imageDigest: string;
      readonly environment: Readonly<Record<string, string>>;
    };

export type TrainingStage = 'queued' | 'loading-image' | 'running';

export interface TrainingInput {
  readonly name: string;
  readonly contentType: string | undefined;
  /** As declared. The files of the folder are plain already: who fetched them has unpacked them. */
  readonly compression: 'None' | 'Gzip';
  /** File and FastFile: the folder is input/data/<name>. Pipe: input/data/<name>_<epoch> are pipes that give all its files, one after the other. */
  readonly inputMode: 'File' | 'FastFile' | 'Pipe';
  /** Absolute; below workDir or not. Read only for the program. */
  readonly folder: string;
}

/** Kept by whoever asks, across attempts: a training that begins again finds what it left there. */
export interface Checkpoints {
  readonly folder: string;
  /** Where the program sees it. */
  readonly path: string;
}

export const checkpointsPath = '/opt/ml/checkpoints';

export interface TrainingLimits {
  readonly timeMs: number;
  /** Of everything that it writes: model, output, checkpoints, temporary files. */
  readonly diskBytesMax: number;
  readonly logBytesMax: number;
  readonly processesMax: number;
  /** Between SIGTERM and SIGKILL when it is stopped or its time is up; where it is left out, nobody waits. */
  readonly stopGraceMs?: number;
}

/** How a training ended. Only `completed` left a model worth looking at without asking. */
export type TrainingEndKind =
  | 'completed'
  | 'failed'
  | 'time'
  | 'memory'
  | 'disk'
  | 'processes'
  | 'log'
  | 'cancelled';

export interface TrainingEnd {
  readonly kind: TrainingEndKind;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What the program wrote to /opt/ml/output/failure: its first 1024 characters. */
  readonly failure: string | null;
  readonly modelFolder: string;
  readonly outputFolder: string;
  readonly durationMs: number;
  readonly memoryPeakBytes: number;
  /** What confined it, with its version. */
  readonly sandbox: string;
}

export interface TrainingBackend {
  readonly kind: 'process' | 'container' | 'slurm';
  /** The most hosts of one training. */
  readonly hostsMax: number;
  /** Its runs outlive this process and are found again by their id. */
  readonly durable: boolean;
  /** Where work folders must lie so that its machines see them; null where anywhere will do. */
  readonly workRoot: string | null;
  /** Why nothing can be trained here now; null where it can. */
  unavailable(): Promise<string | null>;
  /** Throws only for what breaks on our side. */
  run(run: TrainingRun): Promise<TrainingEnd>;
}
