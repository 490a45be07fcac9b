/** Records as RFC 4180 writes them, with a header. Throws a sentence where the text is not that. */
export function readCsv(text: string): Record<string, string>[] {
  const [header, ...rows] = records(text.replace(/^\uFEFF/, ''));
  if (!header) return [];
  return rows.map((row, i) => {
    if (row.length !== header.length)
      throw new Error(`row ${i + 1} has ${row.length} fields, the header has ${header.length}`);
    return Object.fromEntries(header.map((name, k) => [name, row[k] ?? '']));
  });
}

function records(text: string): string[][] {
  const all: string[][] = [];
  // One field and what ends it; a quoted field may hold anything, with its quotes doubled.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const start = field.lastIndex;
    const found = field.exec(text);
    if (!found) throw new Error(`the field at character ${start + 1} has a quote where none can be`);
    row.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] !== ',') {
      all.push(row);
      row = [];
    } else if (field.lastIndex === text.length) {
      all.push([...row, '']);
    }
  }
  return all;
}
