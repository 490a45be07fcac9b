import type { Authorizer } from './authorize.ts';
import type { Blobs } from './blobs.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Db } from './db.ts';
import type { Events } from './events.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Notifications } from './notify.ts';
import type { OwnKeys, Sealer } from './seal.ts';

/** What compose gives to every domain. */
export interface Platform {
  readonly config: Config;
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly blobs: Blobs;
  /** Files of accounts, apart from `blobs`: what nobody has any more can be removed here without asking who else names it. */
  readonly accountFiles: Blobs;
  /** Layers, configurations and manifests of container images, and archives of images until they are taken apart. */
  readonly imageParts: Blobs;
  readonly notifications: Notifications;
  readonly authorizer: Authorizer;
  readonly sealer: Sealer;
  readonly keys: OwnKeys;
  readonly metrics: Metrics;
}
