import { type Evidence, type Finding, hasNoErrors } from '@souk/contract';
import type { StageNeeds } from './needs.ts';
import type { Stage } from './stage.ts';
import { texts, versionsOf } from './versions.ts';

/** Every version's package, then logo and texts. Findings of all of them are collected: one round trip, not one for each mistake. */
export function certification(needs: StageNeeds): Stage {
  return {
    reads: async (s) => ({
      rules: await needs.rulesInForce(),
      packages: (await versionsOf(s, needs)).map((v) => [v.number, v.resource.archiveSha256]),
      texts: texts(s.document),
    }),
    async run({ submission: s, log, signal }) {
      const findings: Finding[] = [];
      const evidence: Evidence[] = [];
      for (const v of await versionsOf(s, needs)) {
        signal.throwIfAborted();
        await log(`examining version ${v.number}, ${v.resource.archiveSizeBytes} bytes`);
        const verdict = await needs.certify(v.resource, log);
        findings.push(
          ...verdict.findings.map((f) => ({ ...f, pointer: f.pointer ?? `${v.pointer}/modelPackageArn` })),
        );
        evidence.push(...verdict.evidence.map((e) => ({ ...e, name: `${v.number}: ${e.name}` })));
      }
      findings.push(...(await needs.listingFindings(s.accountId, s.document)));
      const errors = findings.filter((f) => f.severity === 'error').length;
      if (!hasNoErrors(findings))
        return {
          kind: 'refused',
          summary: `${errors === 1 ? 'One finding' : `${errors} findings`} must be mended.`,
          findings,
          evidence,
        };
      return {
        kind: 'passed',
        summary: 'Nothing unsafe was found.',
        findings,
        evidence,
        // Part of what is signed.
        output: { evidence },
      };
    },
  };
}
