/** JSON is a literal of Python but for these words. */
export const pythonOf = (json: string) =>
  json.replaceAll(/"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b/g, (w) =>
    w === 'true' ? 'True' : w === 'false' ? 'False' : w === 'null' ? 'None' : w,
  );
export const shellOf = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
export const csharpOf = (text: string) => `@"${text.replaceAll('"', '""')}"`;
/** Raw strings of R end with their own dashes, which JSON of ours never holds. */
export const rOf = (text: string) => `r"---(${text})---"`;
