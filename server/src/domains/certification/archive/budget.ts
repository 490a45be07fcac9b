import { ArchiveProblem } from './archive-problem.ts';
import type { ArchiveLimits, Spent } from './limits.ts';

/** Counts what reading an archive costs, and stops it before it costs too much. */
export class Budget {
  readonly limits: ArchiveLimits;
  readonly #archiveBytes: number;
  readonly #spent: Spent = { entries: 0, totalBytes: 0 };

  constructor(limits: ArchiveLimits, archiveBytes: number) {
    this.limits = limits;
    this.#archiveBytes = archiveBytes;
    if (archiveBytes > limits.archiveBytesMax)
      throw new ArchiveProblem(
        'archive.too_large',
        `The package has ${sizeText(archiveBytes)}; at most ${sizeText(limits.archiveBytesMax)} are accepted.`,
      );
  }

  get spent(): Readonly<Spent> {
    return this.#spent;
  }

  /** Before anything is written for an entry: its stated size alone may be too much. */
  entry(path: string, sizeBytes: number): void {
    this.#spent.entries++;
    if (this.#spent.entries > this.limits.filesMax)
      throw new ArchiveProblem(
        'archive.too_many_files',
        `The package has more than ${this.limits.filesMax} entries.`,
      );
    if (sizeBytes > this.limits.fileBytesMax)
      throw new ArchiveProblem(
        'archive.file_too_large',
        `“${path}” has ${sizeText(sizeBytes)}; at most ${sizeText(this.limits.fileBytesMax)} are accepted.`,
        path,
      );
    this.#checkTotal(this.#spent.totalBytes + sizeBytes, path);
  }

  /** As content comes; stated sizes may lie. */
  content(path: string, bytes: number): void {
    this.#spent.totalBytes += bytes;
    this.#checkTotal(this.#spent.totalBytes, path);
  }

  #checkTotal(total: number, path: string): void {
    const { totalBytesMax, ratioMax, ratioFreeBytes } = this.limits;
    if (total > totalBytesMax)
      throw new ArchiveProblem(
        'archive.too_large',
        `The package unpacks to more than ${sizeText(totalBytesMax)}.`,
        path,
      );
    if (total > ratioFreeBytes && total > this.#archiveBytes * ratioMax)
      throw new ArchiveProblem(
        'archive.ratio_exceeded',
        `${sizeText(this.#archiveBytes)} unpack to more than ${ratioMax} times as much.`,
        path,
      );
  }
}

export function sizeText(bytes: number): string {
  if (bytes < 2 ** 20) return `${bytes} bytes`;
  if (bytes < 2 ** 30) return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
