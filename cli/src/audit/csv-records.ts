/** Records of a CSV (RFC 4180) as it comes in: quotes, doubled quotes and line breaks inside of quotes. */
export async function* csvRecords(chunks: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  // A quote at the end of a chunk may be the first half of a doubled one.
  let pending = false;
  for await (const chunk of chunks) {
    for (const c of chunk) {
      if (pending) {
        pending = false;
        if (c === '"') {
          cell += c;
          continue;
        }
        quoted = false;
      }
      if (quoted) {
        if (c === '"') pending = true;
        else cell += c;
      } else if (c === '"') quoted = true;
      else if (c === ',') {
        cells.push(cell);
        cell = '';
      } else if (c === '\n') {
        yield [...cells, cell.replace(/\r$/, '')];
        [cells, cell] = [[], ''];
      } else cell += c;
    }
  }
  if (cells.length > 0 || cell !== '') yield [...cells, cell];
}
