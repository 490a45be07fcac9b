import { randomBytes } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import {
  isWriting,
  lineOf,
  listUsageFiles,
  readUsage,
  type UsageFile,
  type UsageRow,
  UsageSums,
  usageFile,
  writerName,
} from './usage-file.ts';

/** Takes a batch once: true when it counts now, false when it had counted before. */
export type Ingest = (node: string, sequence: number, rows: readonly UsageRow[]) => Promise<boolean>;

export interface UsageLogOptions {
  readonly folder: string;
  readonly nodeName: string;
  readonly ingest: Ingest;
  /** True for an error that will come again however often the batch is sent. */
  readonly isHopeless: (error: unknown) => boolean;
  /** The database holds these rows now. Called before they stop being pending. */
  readonly ingested: (rows: readonly UsageRow[], countedNow: boolean) => void;
  readonly warn: (message: string) => void;
}

interface Closed extends UsageFile {
  readonly rows: readonly UsageRow[];
  durable: boolean;
}

interface Turn {
  readonly sums: UsageSums;
  readonly written: Promise<void>;
  readonly done: (error?: unknown) => void;
}

/** While the database is away so many files wait; after that the current one grows instead. */
const filesMax = 60;

/**
 * Usage on its way to the database. `count` resolves when the record is in the log file, so an answer that waits for it is
 * never lost to a killed process: all calls of one turn of the event loop share one write. The current file is closed about
 * once a second, ingested, and deleted after the commit. Files of killed predecessors are ingested at start. Their names carry
 * node and sequence, and the node's name is new for each process, so a batch is told from every other for ever.
 */
export class UsageLog {
  private readonly node: string;
  private sequence = 1;
  private handle: number | undefined;
  private sizeBytes = 0;
  private sums = new UsageSums();
  private turn: Turn | undefined;
  private readonly closed: Closed[] = [];
  private othersWrite = true;
  /** Units by subscription that the database has not confirmed. */
  private readonly pending = new Map<string, number>();
  private readonly options: UsageLogOptions;

  constructor(options: UsageLogOptions) {
    this.options = options;
    this.node = writerName(options.nodeName, process.pid, randomBytes(6).toString('hex'));
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.adopt();
  }

  pendingUnits(subscriptionId: string): number {
    return this.pending.get(subscriptionId) ?? 0;
  }

  get backlog(): number {
    return this.closed.length;
  }

  count(
    subscriptionId: string,
    dimension: string,
    hour: number,
    status: number,
    units: number,
    version: string,
  ) {
    const quantity = status < 300 ? units : 0;
    this.turn ??= this.openTurn();
    this.turn.sums.add({
      subscriptionId,
      dimension,
      hour,
      quantity,
      clientErrors: status >= 400 && status < 500 ? 1 : 0,
      serverErrors: status >= 500 ? 1 : 0,
      version,
      calls: 1,
    });
    this.addPending(subscriptionId, quantity);
    return this.turn.written;
  }

  private openTurn(): Turn {
    setImmediate(() => this.write());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    return { sums: new UsageSums(), written: promise, done: (error) => (error ? reject(error) : resolve()) };
  }

  private addPending(subscriptionId: string, units: number) {
    if (units === 0) return;
    const sum = (this.pending.get(subscriptionId) ?? 0) + units;
    if (sum > 0) this.pending.set(subscriptionId, sum);
    else this.pending.delete(subscriptionId);
  }

  private write() {
    const { turn } = this;
    if (!turn) return;
    this.turn = undefined;
    const rows = turn.sums.rows();
    try {
      this.append(Buffer.from(rows.map(lineOf).join('')));
    } catch (error) {
      // A full disk: the calls are not answered as a success, and take up no quota.
      for (const row of rows) this.addPending(row.subscriptionId, -row.quantity);
      turn.done(error);
      return;
    }
    for (const row of rows) this.sums.add(row);
    turn.done();
  }

  private append(bytes: Buffer) {
    this.handle ??= openSync(usageFile(this.options.folder, this.node, this.sequence).path, 'a', 0o600);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.handle, bytes, at);
      this.sizeBytes += bytes.length;
    } catch (error) {
      this.takeBack(this.handle);
      throw error;
    }
  }

  /** What a disk took before it was full: half a line would spoil the next one, a whole one would count. */
  private takeBack(handle: number) {
    try {
      ftruncateSync(handle, this.sizeBytes);
    } catch {
      this.close(handle);
    }
  }

  /** Closes the current file, so that it can be ingested. */
  rotate(): void {
    this.write();
    if (this.handle !== undefined && this.closed.length < filesMax) this.close(this.handle);
  }

  private close(handle: number) {
    closeSync(handle);
    this.handle = undefined;
    this.closed.push({
      ...usageFile(this.options.folder, this.node, this.sequence),
      rows: this.sums.rows(),
      durable: false,
    });
    this.sequence++;
    this.sizeBytes = 0;
    this.sums = new UsageSums();
  }

  /** Ingests what is closed, oldest first; stops at the first failure, to be called again. */
  async flush(): Promise<void> {
    if (this.othersWrite) this.adopt();
    for (let file = this.closed[0]; file; file = this.closed[0]) {
      let countedNow: boolean;
      try {
        countedNow = await this.options.ingest(file.node, file.sequence, file.rows);
      } catch (error) {
        const why = (error as Error).message;
        if (this.options.isHopeless(error)) {
          this.options.warn(
            `usage was refused by the database and set aside in ${file.path}.refused: ${why}`,
          );
          renameSync(file.path, `${file.path}.refused`);
          this.forget(file);
          continue;
        }
        this.options.warn(`usage could not be written yet (${this.closed.length} files wait): ${why}`);
        for (const waiting of this.closed) await makeDurable(waiting);
        return;
      }
      this.options.ingested(file.rows, countedNow);
      this.forget(file);
      rmSync(file.path, { force: true });
    }
  }

  private forget(file: Closed) {
    this.closed.shift();
    for (const row of file.rows) this.addPending(row.subscriptionId, -row.quantity);
  }

  /**
   * Takes over the files of those who are gone. One whose keeper was killed may still be answering its last calls while we
   * start: its files are left alone until it has ended.
   */
  private adopt() {
    this.othersWrite = false;
    const known = new Set(this.closed.map((f) => f.path));
    for (const file of listUsageFiles(this.options.folder)) {
      if (file.node === this.node || known.has(file.path)) continue;
      if (isWriting(file.node)) {
        this.othersWrite = true;
        continue;
      }
      const rows = readUsage(file.path);
      for (const row of rows) this.addPending(row.subscriptionId, row.quantity);
      this.closed.push({ ...file, rows, durable: false });
    }
  }
}

/** A file that waits for the database for long may also have to outlive a loss of power. */
async function makeDurable(file: Closed) {
  if (file.durable) return;
  const handle = await open(file.path, 'r+');
  await handle.sync();
  await handle.close();
  file.durable = true;
}
