import type { UpstreamAddress, VersionRoute } from './gateway.ts';

/** How long an address that took no connection is passed over, where there is another. */
const pauseMs = 1000;

/** Chooses among the addresses of a version, in turn, passing over those that took no connection a moment ago. */
export function newAddresses() {
  /** By address object: a new reading of the routes begins with a clean sheet. */
  const pausedUntil = new WeakMap<UpstreamAddress, number>();
  let turn = 0;

  return {
    next({ addresses }: VersionRoute): UpstreamAddress | undefined {
      if (addresses.length === 1) return addresses[0];
      const now = performance.now();
      for (let i = 0; i < addresses.length; i++) {
        const address = addresses[turn++ % addresses.length];
        if (address && (pausedUntil.get(address) ?? 0) <= now) return address;
      }
      // All are paused: the pause is a guess, and this one may be back.
      return addresses[turn++ % addresses.length];
    },
    tookNoConnection(address: UpstreamAddress): void {
      pausedUntil.set(address, performance.now() + pauseMs);
    },
  };
}
