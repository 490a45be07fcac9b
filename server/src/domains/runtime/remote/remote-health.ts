import { isObject } from '../model-server/records.ts';
import type { RemoteServer } from './remote.ts';
import type { RemoteConnection } from './remote-connection.ts';
import { isOurs, modelPath, textOf } from './remote-model.ts';

const healthTimeoutMs = 10_000;

/** What keeps the server from being called, in words; null where it says that it is well. */
export async function unwell(connection: RemoteConnection, server: RemoteServer): Promise<string | null> {
  const path = server.protocol === 'sagemaker' ? '/ping' : `${modelPath(server.modelName ?? '')}/ready`;
  try {
    const answer = await connection.send({
      method: 'GET',
      path,
      timeoutMs: Math.min(healthTimeoutMs, server.timeoutMs),
    });
    const text = await textOf(answer, 1_000_000);
    if (isOurs(answer.status)) return `${path} refused the credentials with ${answer.status}`;
    if (answer.status !== 200) return `${path} answered ${answer.status}`;
    // KServe and MLServer answer 200 with the word in the body while a model is loading.
    if (server.protocol === 'inference-v2' && saysNotReady(text)) return `${path} says that it is not ready`;
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function saysNotReady(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) && body.ready === false;
  } catch {
    // Triton's body is empty: its status is its word.
    return false;
  }
}
