import { createHash, randomBytes } from 'node:crypto';

/** How many attempts a key has: `attempts` at once, and as many again in each `periodMs`. */
export interface Limit {
  readonly name: string;
  readonly attempts: number;
  readonly periodMs: number;
}

export interface Limiter {
  /** Counts one attempt. 0 when it is within the limit, else the seconds to wait. */
  take(limit: Limit, key: string): number;
  /** Takes an attempt back: a right password was not a guess. */
  giveBack(limit: Limit, key: string): void;
}

// 2 rows of 32,768 times are 512 kB, whatever happens.
const rows = 2;
const slotsPerRow = 32_768;

/**
 * Limits attempts per address or name in a memory of fixed size. Each slot holds the time when its bucket will be empty again
 * (GCRA); a key has one slot in each row and is refused only when all of them refuse. Two strangers may share a slot, and then
 * one counts the other's attempts too; but nobody can flood the table to make it forget what was counted, as they could with
 * a map that evicts. The slots are chosen by a hash with a secret of this process, so that collisions cannot be aimed at.
 */
export function newLimiter(now: () => number = Date.now): Limiter {
  const secret = randomBytes(16);
  const emptyAt = new Float64Array(rows * slotsPerRow);

  function slotsOf(limit: Limit, key: string): number[] {
    const hash = createHash('sha256').update(secret).update(`${limit.name}\n${key}`).digest();
    return Array.from({ length: rows }, (_, i) => i * slotsPerRow + (hash.readUInt32LE(i * 4) % slotsPerRow));
  }

  return {
    take(limit, key) {
      const slots = slotsOf(limit, key);
      const at = now();
      const costMs = limit.periodMs / limit.attempts;
      const free = Math.min(...slots.map((s) => emptyAt[s] ?? 0));
      const next = Math.max(free, at) + costMs;
      const waitMs = next - at - limit.periodMs;
      if (waitMs > 0) return Math.ceil(waitMs / 1000);
      for (const s of slots) emptyAt[s] = Math.max(emptyAt[s] ?? 0, next);
      return 0;
    },
    giveBack(limit, key) {
      const costMs = limit.periodMs / limit.attempts;
      for (const s of slotsOf(limit, key)) emptyAt[s] = (emptyAt[s] ?? 0) - costMs;
    },
  };
}

/** One household of IPv6 addresses is a /64: a single host has 2^64 of them to try with. */
export function networkOf(ip: string): string {
  if (!ip.includes(':') || ip.includes('.')) return ip;
  const [head = '', tail] = ip.split('::');
  const front = head.split(':').filter(Boolean);
  const back = (tail ?? '').split(':').filter(Boolean);
  const groups =
    tail === undefined
      ? front
      : [...front, ...Array(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((g) => g.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')}::/64`;
}
