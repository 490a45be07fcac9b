import type { ModelServer } from '@souk/contract';
import type { RemoteCredentials } from '../runtime/index.ts';

/** A registered server as it is kept: its credentials sealed. */
export interface ServerRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly protocol: ModelServer['protocol'];
  readonly modelName: string | null;
  readonly credentialsKind: RemoteCredentials['kind'];
  readonly credentialsName: string | null;
  readonly credentialsSealed: string;
  readonly caPem: string | null;
  readonly timeoutMs: number;
  readonly accountIds: string[];
  readonly health: ModelServer['health']['state'];
  readonly healthDetail: string;
  readonly healthLatencyMs: number | null;
  readonly healthCheckedAt: Date | null;
  readonly healthSince: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What binds sealed credentials to their server: moved to another row they do not open. */
export const sealedFor = (id: string) => `model_servers:${id}`;
