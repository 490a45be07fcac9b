import type { Db } from '../../platform/db.ts';
import type { Sealer } from '../../platform/seal.ts';
import type { RemoteCredentials, RemoteServer } from '../runtime/index.ts';
import { find } from './servers.sql.ts';
import { type ServerRow, sealedFor } from './servers.ts';

/** A registered server with its credentials opened, for whoever calls it. */
export async function openServer(db: Db, sealer: Sealer, id: string): Promise<RemoteServer | undefined> {
  const found = await find(db, id);
  return found && opened(sealer, found);
}

export type Openable = Pick<
  ServerRow,
  'id' | 'url' | 'protocol' | 'modelName' | 'credentialsSealed' | 'caPem' | 'timeoutMs'
>;

export const opened = (sealer: Sealer, s: Openable): RemoteServer => ({
  url: s.url,
  protocol: s.protocol,
  modelName: s.modelName,
  credentials: JSON.parse(sealer.open(s.credentialsSealed, sealedFor(s.id))) as RemoteCredentials,
  caPem: s.caPem,
  timeoutMs: s.timeoutMs,
});
