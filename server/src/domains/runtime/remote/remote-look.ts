import type { TensorDescription } from '@souk/contract';
import type { Static } from 'typebox';
import { OutboundError } from '../../../platform/outbound.ts';
import { protocolShape, type TensorSpec } from '../model-server/tensors.ts';
import type { RemoteServer } from './remote.ts';
import { connectTo } from './remote-connection.ts';
import { unwell } from './remote-health.ts';
import { describeModel } from './remote-model.ts';

export interface Looked {
  /** Why it cannot be called now; null when it can. */
  readonly unwell: string | null;
  readonly invocations: 'passed' | 'translated' | 'refused' | 'unknown';
  readonly detail: string;
  readonly inputs: readonly Static<typeof TensorDescription>[];
  readonly outputs: readonly Static<typeof TensorDescription>[];
}

const nothing = { inputs: [], outputs: [] };

/** Asks a server how it is and, of the Open Inference Protocol, what its model takes and gives. */
export async function lookAt(server: RemoteServer, outboundAllow: readonly string[]): Promise<Looked> {
  const connection = connectTo(server, outboundAllow);
  try {
    const why = await unwell(connection, server);
    if (why !== null) return { ...nothing, unwell: why, invocations: 'unknown', detail: why };
    if (server.protocol === 'sagemaker')
      return {
        ...nothing,
        unwell: null,
        invocations: 'passed',
        detail: 'POST /invocations goes there as it comes.',
      };
    const described = await describeModel(connection, server.modelName ?? '').catch((error: Error) => ({
      untranslatable: error.message,
    }));
    if ('untranslatable' in described)
      return {
        ...nothing,
        unwell: null,
        invocations: 'refused',
        detail: `POST /invocations is refused: ${described.untranslatable}. /v2/models/{name}/infer goes there as it comes.`,
      };
    return {
      unwell: null,
      invocations: 'translated',
      detail: 'POST /invocations is translated to /v2/models/{name}/infer.',
      inputs: described.inputs.map(shown),
      outputs: described.outputs.map(shown),
    };
  } finally {
    connection.close();
  }
}

const shown = (spec: TensorSpec) => ({
  name: spec.name,
  type: spec.type.datatype,
  shape: spec.dims === null ? null : protocolShape(spec).map((dim) => (dim < 0 ? null : dim)),
});

/** Why Souk never calls this address, in words; null where it may, be the server there or not. */
export async function refusedAddress(
  server: RemoteServer,
  outboundAllow: readonly string[],
): Promise<string | null> {
  try {
    const connection = connectTo(server, outboundAllow);
    await connection.checkAddress().finally(() => connection.close());
    return null;
  } catch (error) {
    // A name that is not in DNS yet is no refusal: its health will say so.
    return error instanceof OutboundError ? error.message : null;
  }
}
