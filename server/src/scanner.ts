import { startClamd } from './platform/clamd.ts';
import { type Config, folders } from './platform/config.ts';
import type { Log } from './platform/log.ts';

export interface Scanner {
  /** What SOUK_CLAMD says to the control plane; undefined when there is no scanner. */
  readonly clamd: string | undefined;
  stop(): Promise<void>;
}

/** The operator's clamd where one is configured, else one of our own where Debian's is installed. */
export async function startScanner(config: Config, log: Log): Promise<Scanner> {
  if (config.clamd)
    return {
      clamd: 'socket' in config.clamd ? config.clamd.socket : `${config.clamd.host}:${config.clamd.port}`,
      stop: async () => {},
    };
  try {
    const own = await startClamd({ dataDir: folders(config.dataDir).clamav, log });
    if (own) return { clamd: own.socket, stop: () => own.stop() };
    log.warn('clamd is not installed; packages cannot be scanned (apt-get install clamav-daemon)');
  } catch (error) {
    log.error({ err: error }, 'clamd could not be started; packages cannot be scanned');
  }
  return { clamd: undefined, stop: async () => {} };
}
