import type { Finding } from '@souk/contract/findings';
import { type ClamdClient, ClamdFault, type ScannerIdentity } from '../../platform/clamd.ts';
import { found } from './rules.ts';

export type Scanner = { readonly client: ClamdClient; readonly identity: ScannerIdentity };

/** What the evidence says about malware. Only `clean` means that everything was looked at and nothing was found. */
export type MalwareEvidence = {
  readonly state: 'clean' | 'found' | 'incomplete' | 'not run';
  /** Why it is incomplete or was not run. */
  readonly reason: string | null;
  readonly engine: string | null;
  readonly signatureVersion: string | null;
  readonly signatureCount: number | null;
  readonly signatureDate: string | null;
  readonly filesScanned: number;
  readonly bytesScanned: number;
};

/** More would only queue inside clamd, and hold sockets. */
const atOnce = 2;

/** Scans files as they are handed over, beside whatever else goes on; `finish` waits for all of them. */
export class FileScans {
  readonly #scanner: Scanner | null;
  readonly #running = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  readonly #findings: Finding[] = [];
  #limited: string | null = null;
  #fault: string | null = null;
  #abandoned = false;
  #error: unknown = null;
  #files = 0;
  #bytes = 0;

  constructor(scanner: Scanner | null) {
    this.#scanner = scanner;
  }

  add(diskPath: string, path: string, sizeBytes: number): void {
    if (this.#scanner === null || this.#fault !== null) return;
    const scan = this.#scan(this.#scanner.client, diskPath, path, sizeBytes).finally(() => {
      this.#running.delete(scan);
    });
    this.#running.add(scan);
  }

  /** The files are going away; what is still being scanned no longer matters. */
  abandon(reason: string): void {
    this.#abandoned = true;
    this.#limited ??= reason;
  }

  async finish(): Promise<{ readonly findings: readonly Finding[]; readonly evidence: MalwareEvidence }> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    if (this.#error !== null && !this.#abandoned) throw this.#error;
    const identity = this.#scanner?.identity ?? null;
    const reason = this.#scanner === null ? 'there is no scanner' : (this.#fault ?? this.#limited);
    return {
      findings: this.#findings,
      evidence: {
        state: this.#state(),
        reason,
        engine: identity?.engine ?? null,
        signatureVersion: identity?.version ?? null,
        signatureCount: identity?.signatures?.signatureCount ?? null,
        signatureDate: identity?.signatures?.date ?? null,
        filesScanned: this.#files,
        bytesScanned: this.#bytes,
      },
    };
  }

  #state(): MalwareEvidence['state'] {
    if (this.#findings.some((finding) => finding.code === 'malware.found')) return 'found';
    if (this.#scanner === null || this.#fault !== null) return 'not run';
    return this.#limited === null ? 'clean' : 'incomplete';
  }

  async #scan(client: ClamdClient, diskPath: string, file: string, sizeBytes: number): Promise<void> {
    await this.#turn();
    try {
      const result = await client.scanFile(diskPath);
      this.#files++;
      this.#bytes += sizeBytes;
      if (result.outcome === 'malware') {
        const message = `The scanner recognises “${file}” as ${result.signature}.`;
        this.#findings.push(found('malware.found', { file, message }));
      } else if (result.outcome === 'limited') {
        this.#limited = `${file}: ${result.reason}`;
        const message = `“${file}” is beyond the scanner’s limits (${result.reason}).`;
        this.#findings.push(found('malware.not_scanned', { file, message }));
      }
    } catch (error) {
      // Without an answer nothing is known: the evidence says so, and the operator's policy decides.
      if (error instanceof ClamdFault) this.#fault ??= error.message;
      else this.#error ??= error;
    } finally {
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running.size < atOnce) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
