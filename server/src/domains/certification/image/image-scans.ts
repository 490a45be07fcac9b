import type { Finding } from '@souk/contract/findings';
import { ClamdFault, type ScanResult } from '../../../platform/clamd.ts';
import { tarEnd, tarEntryOf } from '../archive/tar-entry.ts';
import { found } from '../rules.ts';
import type { MalwareEvidence, Scanner } from '../scan-files.ts';

const batchBytesMax = 8 * 2 ** 20;
const batchFilesMax = 400;

type Small = { readonly path: string; readonly content: Buffer };

/**
 * Scans the files of an image one by one or, as most are small, many together in a tar: tens of thousands of connections to
 * the scanner would take minutes. A batch in which something is found is scanned again file by file, to name it.
 */
export class ImageScans {
  readonly #scanner: Scanner | null;
  readonly #findings: Finding[] = [];
  #batch: Small[] = [];
  #batchBytes = 0;
  #files = 0;
  #bytes = 0;
  #limited: string | null = null;
  #fault: string | null = null;

  constructor(scanner: Scanner | null) {
    this.#scanner = scanner;
  }

  get wanted(): boolean {
    return this.#scanner !== null && this.#fault === null;
  }

  async small(path: string, content: Buffer): Promise<void> {
    if (!this.wanted || content.length === 0) return;
    this.#batch.push({ path, content });
    this.#batchBytes += content.length;
    if (this.#batchBytes >= batchBytesMax || this.#batch.length >= batchFilesMax) await this.#flush();
  }

  async large(path: string, diskPath: string, sizeBytes: number): Promise<void> {
    await this.#ask(path, sizeBytes, (scanner) => scanner.client.scanFile(diskPath));
  }

  async finish(): Promise<{ readonly findings: readonly Finding[]; readonly evidence: MalwareEvidence }> {
    await this.#flush();
    const identity = this.#scanner?.identity ?? null;
    const state = this.#findings.some((f) => f.code === 'malware.found')
      ? 'found'
      : !this.wanted
        ? 'not run'
        : this.#limited === null
          ? 'clean'
          : 'incomplete';
    return {
      findings: this.#findings,
      evidence: {
        state,
        reason: this.#scanner === null ? 'there is no scanner' : (this.#fault ?? this.#limited),
        engine: identity?.engine ?? null,
        signatureVersion: identity?.version ?? null,
        signatureCount: identity?.signatures?.signatureCount ?? null,
        signatureDate: identity?.signatures?.date ?? null,
        filesScanned: this.#files,
        bytesScanned: this.#bytes,
      },
    };
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    const bytes = this.#batchBytes;
    this.#batch = [];
    this.#batchBytes = 0;
    if (batch.length === 0 || !this.wanted || this.#scanner === null) return;
    try {
      const together = await this.#scanner.client.scanStream(chunksOf([...batch.map(packed), tarEnd]));
      if (together.outcome === 'clean') {
        this.#files += batch.length;
        this.#bytes += bytes;
        return;
      }
    } catch (error) {
      this.#note(error);
      return;
    }
    for (const { path, content } of batch)
      await this.#ask(path, content.length, (scanner) => scanner.client.scanStream(chunksOf([content])));
  }

  async #ask(
    path: string,
    sizeBytes: number,
    scan: (scanner: Scanner) => Promise<ScanResult>,
  ): Promise<void> {
    if (!this.wanted || this.#scanner === null) return;
    try {
      const result = await scan(this.#scanner);
      this.#files++;
      this.#bytes += sizeBytes;
      if (result.outcome === 'malware')
        this.#findings.push(
          found('malware.found', {
            file: path,
            message: `The scanner recognises “${path}” as ${result.signature}.`,
          }),
        );
      if (result.outcome === 'limited') {
        this.#limited ??= `${path}: ${result.reason}`;
        const message = `“${path}” is beyond the scanner’s limits (${result.reason}).`;
        this.#findings.push(found('malware.not_scanned', { file: path, message }));
      }
    } catch (error) {
      this.#note(error);
    }
  }

  /** Without an answer nothing is known: the evidence says so, and the operator’s policy decides. */
  #note(error: unknown): void {
    if (!(error instanceof ClamdFault)) throw error;
    this.#fault ??= error.message;
  }
}

const packed = ({ content }: Small, i: number): Buffer => tarEntryOf(`file-${i}`, content);

async function* chunksOf(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts;
}
