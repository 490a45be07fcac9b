/** A training as every backend gets it: a process over /opt/ml. Backends differ in where it runs. */
export interface TrainingRun {
  readonly jobName: string;
  readonly jobArn: string;
  /** The unpacked program; `entry` is its executable `train`. */
  readonly program: {
    readonly folder: string;
    readonly entry: string;
    readonly interpreter: string;
    readonly args: readonly string[];
  };
  readonly channels: readonly TrainingInput[];
  readonly hyperParameters: Readonly<Record<string, string>>;
  readonly instance: { readonly name: string; readonly cpus: number; readonly memoryMb: number };
  readonly limits: TrainingLimits;
  /** An empty folder of its own; holds `model` and `output` afterwards. */
  readonly workDir: string;
  readonly onLines: (lines: readonly string[]) => void;
  readonly signal: AbortSignal;
}

export interface TrainingInput {
  readonly name: string;
  readonly contentType: string | undefined;
  readonly compression: 'None' | 'Gzip';
  readonly inputMode: 'File' | 'FastFile';
  readonly folder: string;
}

export interface TrainingLimits {
  readonly timeMs: number;
  /** Of everything that it writes: model, output, temporary files. */
  readonly diskBytesMax: number;
  readonly logBytesMax: number;
  readonly processesMax: number;
}

/** How a training ended. Only `completed` left a model worth looking at. */
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
  readonly sandbox: string;
}

export interface TrainingBackend {
  /** Why nothing can be trained here now; null where it can. */
  unavailable(): Promise<string | null>;
  /** Throws only for what breaks on our side. */
  run(run: TrainingRun): Promise<TrainingEnd>;
}
