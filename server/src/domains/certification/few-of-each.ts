import type { Finding } from '@souk/contract/findings';

const ofEachMax = 25;

/** At most so many findings of one code: a package of ten thousand scripts is told a few times that scripts are refused. */
export function fewOfEach(findings: readonly Finding[]): Finding[] {
  const counts = new Map<string, number>();
  for (const { code } of findings) counts.set(code, (counts.get(code) ?? 0) + 1);
  const seen = new Map<string, number>();
  return findings.flatMap((finding) => {
    const nth = (seen.get(finding.code) ?? 0) + 1;
    seen.set(finding.code, nth);
    const more = (counts.get(finding.code) ?? 0) - ofEachMax;
    if (nth < ofEachMax || more <= 0) return nth <= ofEachMax ? [finding] : [];
    return nth === ofEachMax
      ? [{ ...finding, message: `${finding.message} (And ${more} more of this kind.)` }]
      : [];
  });
}
