import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elsewhereEvidence } from './versions.ts';

test('what a server outside serves is shown as not scanned, and nothing else is', () => {
  const [weights] = elsewhereEvidence({ served: { kind: 'remote', serverId: 'srv_1' } });
  assert.deepEqual(weights, {
    name: 'Weights',
    value: 'not scanned: they are on a server outside of this marketplace',
  });
  const packageSha256 = '0'.repeat(64);
  const here = { kind: 'onnx', packageSha256, modelName: 'iris', batching: null } as const;
  assert.deepEqual(elsewhereEvidence({ served: here }), []);
});
