import { hashApiKey, isApiKey } from '../../platform/api-keys.ts';
import type { CallErrorCode } from './gateway.errors.ts';
import { credentialOf } from './gateway.rules.ts';
import type { KeyRecord } from './gateway.ts';
import type { Snapshot } from './snapshot.ts';

const rememberedMax = 10_000;

/** Finds the record of the key that a request carries, or why it may not call. */
export function newKeyFinder(
  snapshot: Snapshot,
): (headers: Headers, queryKey?: string) => KeyRecord | CallErrorCode {
  // The whole header is what is remembered: a caller who sends it again needs no parsing, no checksum and no hash.
  const byApiKey = new Map<string, KeyRecord>();
  const byAuthorization = new Map<string, KeyRecord>();
  let version = -1;

  return (headers, queryKey) => {
    if (version !== snapshot.keysVersion) {
      byApiKey.clear();
      byAuthorization.clear();
      version = snapshot.keysVersion;
    }
    const apiKey = headers.get('x-api-key');
    // An empty X-Api-Key is none: proxies that fill it from a variable send it so.
    const [known, text] = apiKey ? [byApiKey, apiKey] : [byAuthorization, headers.get('authorization')];
    if (!text) return queryKey ? ofCredential(queryKey) : 'call.key_missing';
    let record = known.get(text);
    if (!record) {
      const credential = apiKey ? apiKey.trim() : credentialOf(text);
      if (!credential) return 'call.key_missing';
      if (!isApiKey(credential)) return 'call.key_malformed';
      record = snapshot.key(hashApiKey(credential));
      if (!record) return 'call.key_unknown';
      if (known.size >= rememberedMax) known.clear();
      known.set(text, record);
    }
    return usable(record);
  };

  /** From the address of a request, for clients that know no other way; looked up each time. */
  function ofCredential(credential: string): KeyRecord | CallErrorCode {
    if (!isApiKey(credential)) return 'call.key_malformed';
    const record = snapshot.key(hashApiKey(credential));
    return record ? usable(record) : 'call.key_unknown';
  }
}

function usable(record: KeyRecord): KeyRecord | CallErrorCode {
  if (record.expiresAt !== null && record.expiresAt <= Date.now()) return 'call.key_unknown';
  return record.mayCall ? record : 'call.key_scope';
}
