const quote = 34;
const comma = 44;

/** How many columns a line has; -1 where a quotation mark is not closed. Only commas are looked at where nothing is quoted. */
export function columnsOf(line: Buffer): number {
  let columns = 1;
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const byte = line[i];
    if (byte === quote) quoted = !quoted;
    else if (byte === comma && !quoted) columns += 1;
  }
  return quoted ? -1 : columns;
}

/** The texts of a line (RFC 4180). A quotation mark inside an unquoted text is taken as it stands. */
export function parseCsvLine(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const texts: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] === '"') {
      let text = '';
      at += 1;
      for (;;) {
        const end = line.indexOf('"', at);
        if (end < 0) return [...texts, text + line.slice(at)];
        text += line.slice(at, end);
        at = end + 1;
        if (line[at] !== '"') break;
        text += '"';
        at += 1;
      }
      const next = line.indexOf(',', at);
      texts.push(text + (next < 0 ? line.slice(at) : line.slice(at, next)));
      if (next < 0) return texts;
      at = next + 1;
    } else {
      const next = line.indexOf(',', at);
      texts.push(next < 0 ? line.slice(at) : line.slice(at, next));
      if (next < 0) return texts;
      at = next + 1;
    }
  }
}

export const csvLine = (texts: readonly unknown[]): string => texts.map(csvText).join(',');

function csvText(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : value === null || value === undefined
        ? ''
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
