import { versionsIn } from '@souk/contract';
import type { StageNeeds } from './needs.ts';
import type { Stage } from './stage.ts';

/** Makes each version available in each region of the revision; then, in one transaction with its outcome, the live slot moves. */
export function release(needs: StageNeeds): Stage {
  return {
    reads: async (s) => s.revisionId,
    async run({ submission: s, log }) {
      const numbers = versionsIn(s.document).map((v) => v.number ?? '');
      const states = await needs.deploymentStates(s.productId);
      // Algorithms answer no calls, and web services run elsewhere.
      for (const number of numbers)
        if (s.productType !== 'algorithm' && s.productType !== 'web-service' && !states.has(number))
          throw new Error(`version ${number} has no deployment`);
      const chosen =
        s.document.regions?.mode === 'selected' ? (s.document.regions.selected ?? []) : needs.regions;
      for (const region of chosen) await log(`available in ${region}`);
      return {
        kind: 'passed',
        summary: `Live in ${chosen.join(', ')}.`,
        evidence: chosen.map((region) => ({ name: `Region ${region}`, value: 'available' })),
        commit: async (tx) => {
          await needs.markReleased(tx, s.productId, numbers);
          await needs.setSlot(tx, s.productId, 'live', s.revisionId);
          await needs.setSlot(tx, s.productId, 'preview', null);
        },
      };
    },
  };
}
