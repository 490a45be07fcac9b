export interface CsvRow {
  readonly cells: string[];
  /** The line that it begins on, from 1. */
  readonly line: number;
}

export class CsvProblem extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Reads RFC 4180 piece by piece; empty lines are passed over. */
export class CsvReader {
  private cells: string[] = [];
  private cell = '';
  private state: 'start' | 'bare' | 'quoted' | 'closed' = 'start';
  private line = 1;
  private began = 1;
  private readonly out: CsvRow[] = [];
  private readonly delimiter: string;

  constructor(delimiter = ',') {
    this.delimiter = delimiter;
  }

  /** Rows that are complete. */
  read(text: string): CsvRow[] {
    for (const c of text) this.take(c);
    return this.out.splice(0);
  }

  /** What is left at the end. */
  end(): CsvRow[] {
    if (this.state === 'quoted') throw new CsvProblem(this.began, 'a quoted field is not closed');
    if (this.state !== 'start' || this.cells.length > 0) this.endRow();
    return this.out.splice(0);
  }

  private take(c: string) {
    if (this.state === 'quoted') {
      if (c === '\n') this.line++;
      if (c === '"') this.state = 'closed';
      else this.cell += c;
      return;
    }
    if (c === '"' && this.state === 'start') this.state = 'quoted';
    else if (c === '"' && this.state === 'closed') {
      this.cell += '"';
      this.state = 'quoted';
    } else if (c === this.delimiter) this.endCell();
    else if (c === '\n') {
      if (this.state === 'start' && this.cells.length === 0) this.began = ++this.line;
      else this.endRow();
    } else if (c !== '\r') {
      if (this.state === 'closed')
        throw new CsvProblem(this.line, 'a comma or a line end must follow a closing quote');
      this.state = 'bare';
      this.cell += c;
    }
  }

  private endCell() {
    this.cells.push(this.cell);
    this.cell = '';
    this.state = 'start';
  }

  private endRow() {
    this.endCell();
    this.out.push({ cells: this.cells, line: this.began });
    this.cells = [];
    this.began = ++this.line;
  }
}

export function readCsv(text: string): CsvRow[] {
  const reader = new CsvReader();
  return [...reader.read(text), ...reader.end()];
}

export function csvLine(cells: readonly (string | null)[], delimiter = ','): string {
  const line = cells.map((c) => (c === null ? '' : quoted(c))).join(delimiter);
  // A line with nothing on it would be passed over.
  return line === '' ? '""\n' : `${line}\n`;
}

const quoted = (field: string) => (/[",\t\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
