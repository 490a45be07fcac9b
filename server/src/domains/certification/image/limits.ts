import type { ArchiveLimits } from '../archive/limits.ts';

/** What an image may cost whoever unpacks it. A Python image with scientific libraries has 30 to 60 thousand files. */
export const imageLimits: ArchiveLimits = {
  archiveBytesMax: 20 * 2 ** 30,
  totalBytesMax: 60 * 2 ** 30,
  fileBytesMax: 20 * 2 ** 30,
  filesMax: 400_000,
  ratioMax: 200,
  ratioFreeBytes: 256 * 2 ** 20,
  nestingMax: 3,
  pathBytesMax: 4096,
  pathDepthMax: 128,
};
