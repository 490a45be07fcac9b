/** One entry as an archive states it; nothing about it is believed yet. */
export type ArchiveEntry = {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symbolic link' | 'hard link' | 'special';
  readonly sizeBytes: number;
  /** Of a link, as written. */
  readonly target: string;
  /** Of a special entry: what it is. */
  readonly what: string;
  /** Permission bits as a tar states them. */
  readonly mode?: number;
};

/** Takes an entry's content. `write` may keep nothing of the chunk after it returns. */
export type EntrySink = {
  write(chunk: Buffer): Promise<void> | void;
  end(): Promise<void>;
  /** Instead of `end`, when the content cannot be had whole: gives back what was opened. */
  abort(): Promise<void>;
};

/** Pours an entry's content into its sink; whatever goes wrong on the way, the sink is closed. */
export async function fill(sink: EntrySink | null, pour: () => Promise<void>): Promise<void> {
  try {
    await pour();
    await sink?.end();
  } catch (error) {
    await sink?.abort();
    throw error;
  }
}

/** Called for each entry in order; content of a file that it does not want is skipped. */
export type EntryVisitor = (entry: ArchiveEntry) => Promise<EntrySink | null>;

/** UTF-8 or null; archives of other encodings give names that depend on who reads them. */
export function decodeName(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
