import type { SoukError } from '../../platform/errors.ts';
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

export interface RunEnd {
  readonly reason: string;
  readonly kind: EndKind;
  /** A cluster took its place away: it may be started again however often that happens. */
  readonly displaced?: boolean;
  /** Where the reason has a code of its own. */
  readonly error?: SoukError;
}

/** A model server that a backend started. */
export interface RunningModel {
  readonly pid: number;
  readonly address: ModelAddress;
  /** `bubblewrap`, or why there is none. */
  readonly sandbox: string;
  readonly ready: Promise<void>;
  /** `kind` is for decisions, `reason` for people. */
  readonly exited: Promise<RunEnd>;
  stop(): Promise<void>;
  /** Where what runs can outlive this process: leaves it to whoever asks for it next, or to its own end when nobody does. */
  leave?(): Promise<void>;
  /** Where it was watched; also after it has ended. */
  conduct?(): Promise<Conduct>;
}
