import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '@souk/contract/findings';
import { FileInspector } from '../content/file-inspector.ts';
import { found } from '../rules.ts';
import { ArchiveProblem } from './archive-problem.ts';
import type { Budget } from './budget.ts';
import { type ArchiveEntry, type EntrySink, fill } from './entry.ts';
import { safePath } from './entry-path.ts';
import { archiveKind, readHead, unzipped, walkArchive } from './open-archive.ts';

/**
 * Looks into an archive that lies inside a package (.npz, .pt, .zip...), on disk at `diskPath`: nothing of it is kept, but
 * a pickle or a program in it counts as much as one beside it. `path` is its name in the package.
 */
export async function inspectNested(
  diskPath: string,
  path: string,
  depth: number,
  budget: Budget,
): Promise<Finding[]> {
  if (depth > budget.limits.nestingMax) {
    const message = `“${path}” is an archive inside ${budget.limits.nestingMax} others.`;
    return [found('archive.nested_too_deep', { file: path, message })];
  }
  const kind = archiveKind(await readHead(diskPath));
  const findings: Finding[] = [];
  try {
    if (kind === 'zip' || kind === 'tar') {
      await walkArchive(diskPath, kind, (entry) => visitInner(entry, path, depth, budget, findings));
    } else if (kind === 'gzip') {
      await inspectGzip(diskPath, path, depth, budget, findings);
    }
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error;
    // What costs too much refuses the package; what cannot be read is only said to be unseen.
    if (error.code === 'archive.damaged' || error.code === 'archive.path_invalid') {
      const message = `“${path}” cannot be looked into: ${error.message}`;
      findings.push(found('archive.nested_unreadable', { file: path, message }));
    } else findings.push({ ...error.toFinding(), file: path });
  }
  return findings;
}

async function visitInner(
  entry: ArchiveEntry,
  outer: string,
  depth: number,
  budget: Budget,
  findings: Finding[],
): Promise<EntrySink | null> {
  const inner = `${outer}!/${entry.path}`;
  budget.entry(inner, entry.sizeBytes);
  const checked = safePath(entry.path, budget.limits);
  if (!checked.ok && checked.code === 'archive.path_escapes')
    findings.push(found(checked.code, { file: outer, message: `In “${outer}”: ${checked.message}` }));
  return entry.kind === 'file' ? innerSink(inner, depth, budget, findings) : null;
}

/** Gzip holds one stream: a tar, or a single file under the outer one's name. */
async function inspectGzip(
  diskPath: string,
  path: string,
  depth: number,
  budget: Budget,
  findings: Finding[],
): Promise<void> {
  budget.entry(path, 0);
  const sink = await innerSink(
    `${path}!/${path.split('/').at(-1)?.replace(/\.gz$/i, '') ?? ''}`,
    depth,
    budget,
    findings,
  );
  await fill(sink, async () => {
    for await (const chunk of unzipped(diskPath)) await sink.write(chunk);
  });
}

/** Inspects a file inside an archive; one that turns out to be an archive itself is spooled to disk and looked into. */
async function innerSink(
  inner: string,
  depth: number,
  budget: Budget,
  findings: Finding[],
): Promise<EntrySink> {
  const inspector = new FileInspector(inner);
  let start: Buffer = Buffer.alloc(0);
  let spool: Awaited<ReturnType<typeof openSpool>> | null = null;
  let decided = false;
  return {
    async write(chunk) {
      budget.content(inner, chunk.length);
      inspector.feed(chunk);
      if (spool !== null) await spool.handle.appendFile(chunk);
      else if (!decided) {
        start = Buffer.concat([start, chunk]);
        if (start.length < 512) return;
        decided = true;
        if (archiveKind(start) === 'other') return;
        spool = await openSpool();
        await spool.handle.appendFile(start);
      }
    },
    async end() {
      findings.push(...inspector.end());
      if (!decided && archiveKind(start) !== 'other') {
        spool = await openSpool();
        await spool.handle.appendFile(start);
      }
      if (spool === null) return;
      await spool.handle.close();
      try {
        findings.push(...(await inspectNested(spool.path, inner, depth + 1, budget)));
      } finally {
        await rm(spool.folder, { recursive: true, force: true });
      }
    },
    async abort() {
      await spool?.handle.close();
      if (spool !== null) await rm(spool.folder, { recursive: true, force: true });
    },
  };
}

async function openSpool() {
  const folder = await mkdtemp(join(tmpdir(), 'souk-nested-'));
  const path = join(folder, 'archive');
  return { folder, path, handle: await open(path, 'wx') };
}
