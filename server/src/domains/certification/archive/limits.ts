/** What a package may cost whoever unpacks it. All sizes in bytes. */
export type ArchiveLimits = {
  readonly archiveBytesMax: number;
  readonly totalBytesMax: number;
  readonly fileBytesMax: number;
  readonly filesMax: number;
  /** Unpacked size to packed size; looked at only above `ratioFreeBytes`, as small files of zeros are common. */
  readonly ratioMax: number;
  readonly ratioFreeBytes: number;
  /** Archives within archives: 1 allows a .npz in the package, 2 a .npz in a .zip in the package. */
  readonly nestingMax: number;
  readonly pathBytesMax: number;
  readonly pathDepthMax: number;
};

export const defaultLimits: ArchiveLimits = {
  archiveBytesMax: 10 * 2 ** 30,
  totalBytesMax: 20 * 2 ** 30,
  fileBytesMax: 10 * 2 ** 30,
  filesMax: 20_000,
  ratioMax: 200,
  ratioFreeBytes: 64 * 2 ** 20,
  nestingMax: 2,
  pathBytesMax: 1024,
  pathDepthMax: 32,
};

/** What has been spent, shared by a package and the archives inside it, so that nesting multiplies nothing. */
export type Spent = { entries: number; totalBytes: number };
