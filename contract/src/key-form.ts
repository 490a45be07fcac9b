/**
 * The form of a key: `souk_`, 32 random characters, 6 of a checksum over what precedes. So a leaked key can be found in a heap of text
 * by anybody, without a list of keys, and a typo is told from a wrong key.
 */
export const keyChars = 43;
const checksumChars = 6;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** True when the text is a whole key: form and checksum are right. Whether it is a known one is another question. */
export function isKeyForm(text: string): boolean {
  if (text.length !== keyChars || !/^souk_[0-9A-Za-z]+$/.test(text)) return false;
  const body = text.slice(0, -checksumChars);
  return keyChecksum(body) === text.slice(-checksumChars);
}

/** What people see of a key. */
export const keyHint = (key: string): string => `souk_…${key.slice(-4)}`;

export function keyChecksum(body: string): string {
  let n = crc32(body);
  let text = '';
  for (let i = 0; i < checksumChars; i++) {
    text = (alphabet[n % 62] ?? '0') + text;
    n = Math.floor(n / 62);
  }
  return text;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** Of ASCII; written out because this file runs in browsers too. */
function crc32(text: string): number {
  let c = 0xffffffff;
  for (let i = 0; i < text.length; i++) c = (table[(c ^ text.charCodeAt(i)) & 0xff] ?? 0) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
