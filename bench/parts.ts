import type { BenchRow } from './bench-row.ts';

export interface Part {
  readonly name: string;
  /** Commands that it cannot do without, with the Debian package of each. */
  readonly needs: Readonly<Record<string, string>>;
  readonly secondsMax: number;
  load(): Promise<{ run(): Promise<BenchRow[]> }>;
}

export const parts: readonly Part[] = [
  {
    name: 'gateway',
    needs: { nginx: 'nginx', wrk: 'wrk' },
    secondsMax: 120,
    load: () => import('./gateway.ts'),
  },
  { name: 'odata-proxy', needs: { wrk: 'wrk' }, secondsMax: 60, load: () => import('./odata-proxy.ts') },
  { name: 'inference', needs: { wrk: 'wrk' }, secondsMax: 90, load: () => import('./inference.ts') },
  { name: 'onnx-runner', needs: { wrk: 'wrk' }, secondsMax: 60, load: () => import('./onnx-runner.ts') },
  {
    name: 'submit-to-preview',
    needs: { clamd: 'clamav-daemon', clamdscan: 'clamdscan' },
    secondsMax: 150,
    load: () => import('./submit-to-preview.ts'),
  },
  { name: 'catalog', needs: { wrk: 'wrk' }, secondsMax: 300, load: () => import('./catalog.ts') },
  {
    name: 'container-calls',
    needs: { podman: 'podman', wrk: 'wrk' },
    secondsMax: 150,
    load: () => import('./container-calls.ts'),
  },
  { name: 'cold-start', needs: {}, secondsMax: 90, load: () => import('./cold-start.ts') },
  { name: 'batch', needs: { podman: 'podman' }, secondsMax: 240, load: () => import('./batch.ts') },
  { name: 'training', needs: {}, secondsMax: 120, load: () => import('./training.ts') },
  { name: 'start', needs: {}, secondsMax: 90, load: () => import('./start.ts') },
];
