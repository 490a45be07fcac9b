/**
 * What a credential stood for a moment ago, so that a page that asks ten things at once asks the database once. Nothing is
 * believed for longer than `ttlMs`, counted from before it was read; what was revoked elsewhere works on for no longer than that.
 */
export interface Recent<T> {
  get(key: string, load: () => Promise<T>): Promise<T>;
  /** After a change in this process. A read that is under way is not kept either. */
  clear(): void;
}

export function newRecent<T>(ttlMs: number, entriesMax: number, now = () => performance.now()): Recent<T> {
  const known = new Map<string, { at: number; value: Promise<T> }>();
  return {
    get(key, load) {
      const found = known.get(key);
      const at = now();
      if (found && at - found.at < ttlMs) return found.value;
      if (known.size >= entriesMax) known.clear();
      const entry = { at, value: load() };
      known.set(key, entry);
      entry.value.catch(() => {
        if (known.get(key) === entry) known.delete(key);
      });
      return entry.value;
    },
    clear: () => known.clear(),
  };
}
