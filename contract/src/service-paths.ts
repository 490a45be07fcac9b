/**
 * What is wrong with a path into an answer, in words; undefined when it may be used. Paths come from publishers and run in the gateway on
 * answers of some megabytes, for every call of every buyer: whatever walks a document once for each of its nodes is not taken.
 */
export function pathProblem(format: 'json' | 'xml' | 'csv', path: string): string | undefined {
  if (format === 'csv') return undefined;
  return format === 'json' ? jsonPathProblem(path) : xpathProblem(path);
}

function jsonPathProblem(path: string): string | undefined {
  // Anything else is the name of a property.
  if (!path.startsWith('$')) return undefined;
  const rest = unquoted(path.slice(1));
  if (/[^@\w]?\b(match|search)\s*\(/.test(rest)) return 'it uses match() or search()';
  if (rest.includes('$')) return 'its condition begins at the root again';
  if ((rest.match(/\.\./g) ?? []).length > 1) return 'it has more than one ".."';
  return balanced(rest);
}

function xpathProblem(path: string): string | undefined {
  if (path.trim() === '') return 'it is empty';
  const rest = unquoted(path);
  const axis = /\b(following|preceding|ancestor)(-sibling|-or-self)?\s*::/.exec(rest);
  if (axis) return `it uses the axis ${axis[0].replace(/\s*::$/, '')}`;
  if ((rest.match(/\/\/|\bdescendant(-or-self)?\s*::/g) ?? []).length > 1) return 'it has more than one "//"';
  if (/\[[^\]]*(\/\/|descendant)/.test(rest)) return 'a condition in it has "//"';
  if (/\[\s*\/|[\s(,=<>|]\/[^\]]*\]/.test(rest.replace(/^[^[]*/, '')))
    return 'a condition in it begins at the root';
  if (/\b(document|id)\s*\(/.test(rest)) return 'it uses document() or id()';
  return balanced(rest);
}

const unquoted = (text: string) => text.replace(/'[^']*'|"[^"]*"/g, "''");

function balanced(text: string): string | undefined {
  const open: string[] = [];
  const pairs: Readonly<Record<string, string>> = { ']': '[', ')': '(' };
  for (const c of text) {
    if (c === '[' || c === '(') open.push(c);
    else if (c in pairs && open.pop() !== pairs[c]) return `a "${c}" closes nothing`;
    if (open.length > 3) return 'its conditions are nested more than three deep';
  }
  return open.length > 0 ? `a "${open.at(-1)}" is not closed` : undefined;
}

/**
 * What keeps a pattern from being used. It runs on what buyers send, by RE2, which takes no time beyond the text's length and therefore
 * knows neither looking around nor back references.
 */
export function patternProblem(pattern: string): string | undefined {
  if (/\(\?(=|!|<=|<!)/.test(pattern)) return 'it looks ahead or behind';
  if (/\\[1-9]|\\k</.test(pattern)) return 'it refers back to a group';
  if (
    [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].some(
      (m) => Math.max(Number(m[1]), Number(m[2] ?? 0)) > 1000,
    )
  )
    return 'it repeats something more than 1000 times';
  try {
    new RegExp(pattern, 'u');
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: /, '');
  }
}
