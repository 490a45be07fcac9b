import { createHash } from 'node:crypto';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClamdAddress, ClamdClient } from './clamd-client.ts';

export type SignatureFile = {
  readonly name: string;
  readonly signatureCount: number | null;
  /** The database's own version, or a digest where it states none. */
  readonly version: string;
  readonly date: string | null;
};

export type SignatureSet = {
  readonly databaseDir: string;
  readonly files: readonly SignatureFile[];
  readonly signatureCount: number;
  /** One short text that changes whenever the signatures do; verdicts are kept under it. */
  readonly version: string;
  /** Of the newest file. */
  readonly date: string | null;
};

/** Beside the socket of a clamd of ours lies a file with this name: the folder of its signatures. */
export const databaseNote = 'signatures-folder';

export type ScannerIdentity = {
  /** As clamd states it: engine, and with a full database its version and date. */
  readonly engine: string;
  /** Null for a scanner of the operator's, whose files we do not see. */
  readonly signatures: SignatureSet | null;
  /** Changes whenever a verdict could. */
  readonly version: string;
};

/** Who scanned, and with what: part of the evidence, and of the key under which verdicts are kept. */
export async function identifyScanner(client: ClamdClient, address: ClamdAddress): Promise<ScannerIdentity> {
  const engine = await client.version();
  const signatures = 'socket' in address ? await ownSignatures(address.socket) : null;
  return { engine, signatures, version: signatures === null ? engine : `${engine} ${signatures.version}` };
}

async function ownSignatures(socket: string): Promise<SignatureSet | null> {
  const databaseDir = await readFile(join(dirname(socket), databaseNote), 'utf8').catch(() => null);
  return databaseDir === null ? null : readSignatures(databaseDir).catch(() => null);
}

/** What signatures a folder holds, read from the files themselves. */
export async function readSignatures(databaseDir: string): Promise<SignatureSet> {
  const files: SignatureFile[] = [];
  for (const name of (await readdir(databaseDir)).sort()) {
    const path = join(databaseDir, name);
    if (/\.(?:cvd|cld|cud)$/.test(name)) files.push(await readContainer(path, name));
    else if (/\.(?:hdb|hsb|hdu|hsu|ndb|ndu|ldb|ldu|mdb|msb|cdb|yar|yara)$/.test(name))
      files.push(await readList(path, name));
  }
  const dates = files.flatMap((file) => (file.date === null ? [] : [file.date])).sort();
  return {
    databaseDir,
    files,
    signatureCount: files.reduce((sum, file) => sum + (file.signatureCount ?? 0), 0),
    version: files.map((file) => `${file.name}:${file.version}`).join(','),
    date: dates.at(-1) ?? null,
  };
}

/** ClamAV's containers start with 512 bytes of text: `ClamAV-VDB:date:version:signatures:...` */
async function readContainer(path: string, name: string): Promise<SignatureFile> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    const parts = buffer.toString('latin1', 0, bytesRead).split(':');
    const numeric = (text: string | undefined) =>
      text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
    // `07 Nov 2026 08-26 -0500`, with a dash where a clock has a colon
    const date = new Date((parts[1] ?? '').replace(/ (\d\d)-(\d\d) /, ' $1:$2 '));
    return {
      name,
      version: parts[2] ?? '',
      signatureCount: numeric(parts[3]),
      date: Number.isNaN(date.getTime()) ? null : date.toISOString(),
    };
  } finally {
    await handle.close();
  }
}

/** A plain list has no version of its own, so its digest stands in: it changes when the list does, and only then. */
async function readList(path: string, name: string): Promise<SignatureFile> {
  const text = await readFile(path);
  const lines = text.toString('latin1').split('\n');
  return {
    name,
    version: createHash('sha256').update(text).digest('hex').slice(0, 12),
    signatureCount: lines.filter((line) => line !== '' && !line.startsWith('#')).length,
    date: (await stat(path)).mtime.toISOString(),
  };
}
