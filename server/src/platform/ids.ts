import { randomBytes, randomInt } from 'node:crypto';

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';

/** A new id `<prefix>_<20 characters>`: 8 of milliseconds, so that ids sort by time, then 12 random ones. */
export function newId(prefix: string): string {
  const time = Date.now().toString(36).padStart(8, '0').slice(-8);
  let random = '';
  for (const byte of randomBytes(12)) random += alphabet[byte % 36];
  return `${prefix}_${time}${random}`;
}

/** A 12-digit account id that does not begin with zero, as the vendors' ids. */
export const newAccountId = (): string => String(randomInt(100_000_000_000, 1_000_000_000_000));

/** A secret for links in mails: 43 characters of base64url, 256 bits. */
export const newToken = (): string => randomBytes(32).toString('base64url');
