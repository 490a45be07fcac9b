/** Comma-separated tables with a header line: numbers, and one column with the class. */
export function readTables(files, labelColumn, knownClasses) {
  const rows = [];
  const classes = knownClasses ? [...knownClasses] : [];
  let width = -1;
  for (const { file, text } of files) {
    const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    const columns = header.split(',').length;
    if (columns < 2) throw new Error(`${file}: needs a header line and at least two columns`);
    if (width >= 0 && columns - 1 !== width)
      throw new Error(`${file}: has ${columns - 1} features, the files before it ${width}`);
    width = columns - 1;
    for (const [i, line] of lines.entries()) {
      const cells = line.split(',').map((cell) => cell.trim());
      const at = labelColumn === 'first' ? 0 : columns - 1;
      const label = cells[at] ?? '';
      const features = cells.filter((_, j) => j !== at).map(Number);
      if (cells.length !== columns || label === '' || !features.every(Number.isFinite))
        throw new Error(`${file}, line ${i + 2}: needs ${columns - 1} numbers and a class`);
      if (!classes.includes(label)) {
        if (knownClasses)
          throw new Error(`${file}, line ${i + 2}: the class ${label} is not in the training data`);
        classes.push(label);
      }
      rows.push({ features, label: classes.indexOf(label) });
    }
  }
  if (rows.length === 0) throw new Error('the channel train has no rows');
  if (classes.length < 2) throw new Error('the rows are all of one class');
  return { rows, classes, width };
}

/** The same seed gives the same order on every machine. */
export function shuffled(rows, seed) {
  let state = (seed >>> 0) + 0x6d2b79f5;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const mixed = [...rows];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
  }
  return mixed;
}
