import { documentFindings, finding, hasNoErrors, versionsIn } from '@souk/contract';
import type { StageNeeds } from './needs.ts';
import type { Stage } from './stage.ts';

export function prerequisites(needs: StageNeeds): Stage {
  return {
    reads: async (s) => s.document,
    async run({ submission: s }) {
      const findings = documentFindings(s.document, {
        ...(await needs.documentContext(s.accountId, s.document)),
        type: s.productType,
      });
      if (!(await needs.hasPublisherProfile(s.accountId)))
        findings.push(
          finding({
            rule: 'publisher',
            code: 'publisher.missing',
            severity: 'error',
            message: 'This account has no publisher profile.',
            remedy: 'Write one: Publish > Profile, or `souk publisher set`.',
          }),
        );
      if (!hasNoErrors(findings))
        return { kind: 'refused', summary: 'The document is not complete.', findings };
      const { plans = [] } = s.document;
      return {
        kind: 'passed',
        summary: 'The document is complete and its resources are ready.',
        findings,
        evidence: [
          { name: 'Versions', value: versionsIn(s.document).length },
          { name: 'Plans', value: plans.length },
        ],
      };
    },
  };
}
