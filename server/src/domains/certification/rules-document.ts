import { RULE_SET, rules } from './rules.ts';

/** docs/rules.md, drawn from the registry; a test compares the file with this. */
export function rulesMarkdown(): string {
  const sections = rules.map((rule) => {
    const rows = Object.entries(rule.codes).map(
      ([code, { severity, says, remedy }]) =>
        `| \`${code}\` | ${severity} | ${cell(says)} | ${cell(remedy)} |`,
    );
    return [
      `## ${rule.title}`,
      `Rule \`${rule.id}\`. ${rule.why}`,
      ['| code | severity | what it found | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    ].join('\n\n');
  });
  const intro = [
    '# Rules of certification',
    `Rule set ${RULE_SET}. Generated from \`server/src/domains/certification/rules.ts\`; do not edit.`,
    'Every package and listing is held against these rules before anybody but its publisher sees it. `souk check PATH...` runs the same rules on your desk, with the same codes. An *error* stops a submission, a *warning* goes on record and is shown to reviewers, an *info* is for your eyes. A code is never reused or renamed.',
  ].join('\n\n');
  return `${[intro, ...sections].join('\n\n')}\n`;
}

/** A cell ends at a bar; nothing else in Markdown needs escaping here. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
