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

/** Why what was started has ended: a container can do more wrong than Souk's own server can. */
export type EndKind = ExitReason | 'hung' | 'disk' | 'processes' | 'log';

/** What it was seen to do, beside answering. */
export interface Conduct {
  /** How often something in it asked for an address outside; there is no way there. */
  readonly networkTries: number;
  readonly memoryPeakBytes: number;
  /** When it was stopped: it had to be killed. */
  readonly ignoredTerm: boolean;
}

/** A model server that a backend started. */
export interface RunningModel {
  readonly pid: number;
  readonly address: ModelAddress;
  /** `bubblewrap`, or why there is none. */
  readonly sandbox: string;
  readonly ready: Promise<void>;
  /** `kind` is for decisions, `reason` for people. */
  readonly exited: Promise<{ readonly reason: string; readonly kind: EndKind }>;
  stop(): Promise<void>;
  /** Where it was watched; also after it has ended. */
  conduct?(): Promise<Conduct>;
}
