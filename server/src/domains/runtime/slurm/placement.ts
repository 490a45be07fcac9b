import type { EndKind } from '../runtime.ts';
import type { Servable } from '../servable.ts';
import type { Where } from './tunnel.ts';

/** What belongs together on the cluster: its folder below the shared one, and the files in it by which Souk and its jobs speak. */
export const servingFiles = {
  /** For all of them; written whole, when everything that it names is there. */
  plan: 'plan.json',
  script: 'serve.sh',
  model: 'model',
  program: 'program',
  jobLog: 'job-%a.log',
  /** Of each. */
  folder: (index: number) => `s${index}`,
  /** A folder that only one job can make. */
  claim: 'claim',
  log: 'log',
  where: 'where.json',
  ended: 'ended.json',
} as const;

export interface Plan {
  readonly name: string;
  readonly servable: Servable;
  readonly instance: { readonly name: string; readonly cpus: number; readonly memoryMb: number };
  readonly environment: Readonly<Record<string, string>>;
  readonly startTimeoutMs?: number;
  readonly model: string | null;
  readonly program: string | null;
  /** An OCI archive. */
  readonly image: string | null;
  readonly bodyBytesMax: number;
  /** Whoever knows it may call. */
  readonly key: string;
  /** Without a word of Souk for so long, it ends. */
  readonly leashMs: number;
  /** Where a node keeps images. */
  readonly nodeFolder: string;
}

/** Written once the model answers. */
export interface Served extends Where {
  readonly node: string;
  readonly pid: number;
  readonly sandbox: string;
}

export interface ServedEnd {
  readonly kind: EndKind;
  readonly reason: string;
  /** Where the node lacks something. */
  readonly lacks?: { readonly what: 'containers' | 'sandbox'; readonly node: string };
}
