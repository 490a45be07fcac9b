import type { EndpointSettings, EndpointState } from '@souk/contract';
import type { ModelAddress, Servable } from '../runtime/index.ts';

export interface EndpointRow {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly state: EndpointState;
  readonly reason: string | null;
  /** Number of the variant that answers; null until the first one does. */
  readonly serving: number | null;
  /** Of the variant that is being brought up. */
  readonly coming: number | null;
  readonly settings: EndpointSettings;
  /** Settings that begin to hold with the coming variant. */
  readonly comingSettings: EndpointSettings | null;
  /** Instances that the serving variant should have now. */
  readonly target: number;
  readonly asleep: boolean;
  readonly wakeAskedAt: Date | null;
  readonly busyAt: Date;
  readonly lowSince: Date | null;
  readonly stoppedReason: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface VariantRow {
  readonly endpointId: string;
  readonly number: number;
  readonly subscriptionId: string;
  readonly productId: string;
  readonly version: string;
  /** The account's own, made by a training; null: the product itself. */
  readonly modelPackage: string | null;
  /** As people know it: publisher/product version, or the name of the model package. */
  readonly name: string;
  readonly modelName: string;
  readonly servable: Servable;
  readonly instanceType: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly createdBy: string;
  readonly createdAt: Date;
}

export type InstanceState = 'starting' | 'ready' | 'down' | 'draining';

export interface InstanceRow {
  readonly id: string;
  readonly endpointId: string;
  readonly variant: number;
  readonly desired: 'running' | 'stopped';
  readonly state: InstanceState;
  readonly node: string | null;
  readonly restarts: number;
  readonly failure: string | null;
  readonly readyAt: Date | null;
  /** Since when its node starts it; null until one has taken it. */
  readonly startingAt: Date | null;
  readonly createdAt: Date;
}

/** An instance with all that it takes to start it. */
export interface InstanceToRun extends InstanceRow {
  readonly endpointName: string;
  readonly servable: Servable;
  readonly environment: Readonly<Record<string, string>>;
  readonly subscriptionId: string;
  readonly instanceType: string;
  readonly cpus: number;
  readonly memoryMb: number;
  readonly startTimeoutMs: number;
  readonly meterId: string | null;
  readonly address: ModelAddress | null;
}
