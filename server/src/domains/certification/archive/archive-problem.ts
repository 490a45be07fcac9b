import { type FindingCode, found } from '../rules.ts';

/** Stops the reading of an archive: what it says can no longer be trusted, or would cost too much. */
export class ArchiveProblem extends Error {
  readonly code: FindingCode;
  readonly entry: string | null;
  constructor(code: FindingCode, message: string, entry: string | null = null) {
    super(message);
    this.name = 'ArchiveProblem';
    this.code = code;
    this.entry = entry;
  }

  toFinding() {
    return found(this.code, { file: this.entry, message: this.message });
  }
}

export function damaged(message: string, entry: string | null = null): ArchiveProblem {
  return new ArchiveProblem('archive.damaged', message, entry);
}
