import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const secretChars = 32;
const checksumChars = 6;

/** `souk_`, 32 random characters, 6 of a checksum over what precedes: leaks can be found, and typos told from wrong keys. */
export const apiKeyPattern = /\bsouk_[0-9A-Za-z]{38}\b/g;

export function newApiKey(): string {
  let body = 'souk_';
  for (let i = 0; i < secretChars; i++) body += alphabet[randomInt(alphabet.length)];
  return body + checksum(body);
}

/** True when the text is a whole key: form and checksum are right. Whether it is a known one is another question. */
export function isApiKey(text: string): boolean {
  if (text.length !== 5 + secretChars + checksumChars || !text.startsWith('souk_')) return false;
  const body = text.slice(0, -checksumChars);
  return checksum(body) === text.slice(-checksumChars);
}

/** What is stored: 190 random bits need no salt and no slow hash. */
export const hashApiKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** What people see of a key later. */
export const hintOf = (key: string): string => `souk_…${key.slice(-4)}`;

function checksum(body: string): string {
  let n = crc32(body);
  let text = '';
  for (let i = 0; i < checksumChars; i++) {
    text = (alphabet[n % 62] ?? '0') + text;
    n = Math.floor(n / 62);
  }
  return text;
}
