import { createHash, randomInt } from 'node:crypto';
import { isKeyForm, keyChecksum, keyHint } from '@souk/contract/key-form';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const secretChars = 32;

/** `souk_`, 32 random characters, 6 of a checksum over what precedes: leaks can be found, and typos told from wrong keys. */
export const apiKeyPattern = /\bsouk_[0-9A-Za-z]{38}\b/g;

export function newApiKey(): string {
  let body = 'souk_';
  for (let i = 0; i < secretChars; i++) body += alphabet[randomInt(alphabet.length)];
  return body + keyChecksum(body);
}

export { isKeyForm as isApiKey, keyHint as hintOf };

/** What is stored: 190 random bits need no salt and no slow hash. */
export const hashApiKey = (key: string): string => createHash('sha256').update(key).digest('hex');
