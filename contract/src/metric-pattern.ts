/**
 * Metric patterns come from publishers who tested them in Python, where the same vendors' tools run them. The two spellings
 * that differ are translated; the rest means the same in both.
 */
export function metricPattern(regex: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(regex);
  const rest = flags ? regex.slice(flags[0].length) : regex;
  return new RegExp(rest.replaceAll('(?P<', '(?<'), flags?.[1] ?? '');
}

/** How many groups a pattern has: the alternative that is empty matches everything and leaves each of them out. */
export const groupsOf = (pattern: RegExp): number =>
  (new RegExp(`${pattern.source}|`, pattern.flags).exec('')?.length ?? 1) - 1;
