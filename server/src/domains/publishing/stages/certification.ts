import { type Evidence, type Finding, hasNoErrors } from '@souk/contract';
import type { SubmissionRow } from '../publishing.ts';
import type { StageNeeds } from './needs.ts';
import type { Stage } from './stage.ts';
import { texts, versionsOf } from './versions.ts';

/** Every version's package, then logo and texts. Findings of all of them are collected: one round trip, not one for each mistake. */
export function certification(needs: StageNeeds): Stage {
  /** Versions with whether buyers run their package already. */
  async function packages(s: SubmissionRow) {
    const released = await needs.releasedPackages(s.productId);
    return (await versionsOf(s, needs)).map((v) => ({
      ...v,
      released: released.has(v.resource.archiveSha256),
    }));
  }

  return {
    reads: async (s) => ({
      packages: (await versionsOf(s, needs)).map((v) => [v.number, v.resource.archiveSha256]),
      texts: texts(s.document),
      exceptions: await needs.exceptionsInForce(s.accountId),
    }),
    // New rules or signatures look again at what nobody runs yet. What buyers run is not scanned anew because a text changes.
    holds: async (s, before) =>
      before.output?.rulesInForce === (await needs.rulesInForce()) ||
      (await packages(s)).every((v) => v.released),
    async run({ submission: s, log, signal }) {
      const findings: Finding[] = [];
      const evidence: Evidence[] = [];
      const rulesInForce = await needs.rulesInForce();
      const list = await packages(s);
      let reused = 0;
      for (const v of list) {
        signal.throwIfAborted();
        await log(`examining version ${v.number}, ${v.resource.archiveSizeBytes} bytes`);
        const verdict = await needs.certify(v.resource, log, v.released);
        if (verdict.reused) reused++;
        const lifted = await needs.liftPackage(s.accountId, v.resource.archiveSha256, verdict.findings);
        findings.push(...lifted.findings.map((f) => ({ ...f, pointer: f.pointer ?? v.arnPointer })));
        evidence.push(
          ...[...verdict.evidence, ...lifted.evidence].map((e) => ({ ...e, name: `${v.number}: ${e.name}` })),
        );
      }
      const listed = await needs.liftDocument(
        s.accountId,
        s.document,
        await needs.listingFindings(s.accountId, s.document),
      );
      findings.push(...listed.findings);
      evidence.push(...listed.evidence);
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
        summary:
          reused === list.length && reused > 0
            ? 'Nothing unsafe was found. Texts and logo were read; what was found in the packages is carried over, since their bytes were examined before.'
            : 'Nothing unsafe was found.',
        findings,
        evidence,
        // Part of what is signed.
        output: { evidence, rulesInForce },
      };
    },
  };
}
