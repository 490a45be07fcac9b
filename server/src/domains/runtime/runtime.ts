import type { ExitReason } from './onnx-backend.ts';
import type { Servable } from './servable.ts';

/** Where a model server listens. */
export type ModelAddress = { readonly unix: string } | { readonly url: string };

export interface DeploymentRow {
  readonly id: string;
  readonly productId: string;
  readonly version: string;
  readonly servable: Servable;
  readonly modelName: string;
  readonly backend: string;
  readonly instanceType: string;
  readonly cpus: number;
  readonly memoryMb: number;
  readonly desired: 'running' | 'stopped';
  readonly state: 'starting' | 'ready' | 'down' | 'stopped';
  readonly generation: number;
  readonly addresses: ModelAddress[];
}

/** A model server that a backend started. */
export interface RunningModel {
  readonly pid: number;
  readonly address: ModelAddress;
  /** `bubblewrap`, or why there is none. */
  readonly sandbox: string;
  readonly ready: Promise<void>;
  /** `kind` is for decisions, `reason` for people. */
  readonly exited: Promise<{ readonly reason: string; readonly kind: ExitReason }>;
  stop(): Promise<void>;
}
