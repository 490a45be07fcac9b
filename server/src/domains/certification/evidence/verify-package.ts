import type { KeyObject } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { extractPackage } from '../archive/extract.ts';
import { sha256Of } from '../sha256.ts';
import { type Subject, verifyEnvelope } from './statement.ts';

export type VerifiedPackage = {
  readonly ok: boolean;
  readonly keyId: string | null;
  /** One line for each thing that was compared. */
  readonly checked: readonly {
    readonly name: string;
    readonly state: 'same' | 'differs' | 'missing' | 'not signed';
  }[];
  readonly reason: string | null;
};

/**
 * Holds a package - the archive as it was submitted, or its unpacked folder - against a signed statement, file by file.
 * `version` picks one version's digests out of a statement over several.
 */
export async function verifyPackage(
  path: string,
  envelope: unknown,
  publicKey: KeyObject | string,
  version?: string,
): Promise<VerifiedPackage> {
  const verified = verifyEnvelope(envelope, publicKey);
  if (!verified.ok) return { ok: false, keyId: null, checked: [], reason: verified.reason };
  const prefix = version === undefined ? '' : `versions/${version}/`;
  const signed = signedFiles(verified.statement.subjects, prefix);
  const known = await stat(path);
  const archive = known.isFile() ? await compareArchive(path, verified.statement.subjects, prefix) : [];
  const files = await filesOf(path, known.isDirectory());
  if (files === null)
    return {
      ok: false,
      keyId: verified.keyId,
      checked: archive,
      reason: 'The archive cannot be unpacked safely.',
    };
  const checked = [...archive, ...compareFiles(signed, files)];
  const ok = checked.length > 0 && checked.every((one) => one.state === 'same');
  const reason = ok
    ? null
    : checked.length === 0
      ? 'The statement names no file of this package.'
      : 'Not everything is as it was signed.';
  return { ok, keyId: verified.keyId, checked, reason };
}

/** Subjects are named `versions/1.0.0/files/model.onnx`, or `files/model.onnx` in a statement over one package. */
function signedFiles(subjects: readonly Subject[], prefix: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const { name, sha256 } of subjects) {
    const path = name.startsWith(prefix) ? /^(?:versions\/[^/]+\/)?files\/(.+)$/.exec(name)?.[1] : undefined;
    if (path !== undefined) files.set(path, sha256);
  }
  return files;
}

async function compareArchive(
  path: string,
  subjects: readonly Subject[],
  prefix: string,
): Promise<VerifiedPackage['checked']> {
  const packages = subjects.filter(({ name }) => name.startsWith(prefix) && /(?:^|\/)package$/.test(name));
  if (packages.length === 0) return [];
  const sha256 = await sha256Of(path);
  const same = packages.find((one) => one.sha256 === sha256);
  return [
    { name: same?.name ?? packages[0]?.name ?? 'package', state: same === undefined ? 'differs' : 'same' },
  ];
}

function compareFiles(
  signed: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, string>,
): VerifiedPackage['checked'] {
  const both = [...new Set([...signed.keys(), ...files.keys()])].sort();
  return both.map((name) => {
    const [wanted, actual] = [signed.get(name), files.get(name)];
    if (wanted === undefined) return { name, state: 'not signed' };
    if (actual === undefined) return { name, state: 'missing' };
    return { name, state: wanted === actual ? 'same' : 'differs' };
  });
}

async function filesOf(path: string, isFolder: boolean): Promise<Map<string, string> | null> {
  if (isFolder) {
    const files = new Map<string, string>();
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      files.set(relative(path, file).split(sep).join('/'), await sha256Of(file));
    }
    return files;
  }
  const folder = await mkdtemp(join(tmpdir(), 'souk-verify-'));
  try {
    const extracted = await extractPackage({ archivePath: path, intoDir: join(folder, 'package') });
    return extracted.complete ? new Map(extracted.files.map((file) => [file.path, file.sha256])) : null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
