import { CallError } from '../model-server/call-error.ts';
import type { Model } from '../model-server/model.ts';
import type { RemoteAnswer, RemoteConnection } from './remote-connection.ts';
import { inferRequest, type RemoteTensors, readMetadata, readOutputs } from './remote-tensors.ts';

const metadataBytesMax = 4_000_000;

/** The description of the model on its server; the words of what keeps it from being called with /invocations. */
export async function describeModel(
  connection: RemoteConnection,
  modelName: string,
): Promise<RemoteTensors | { readonly untranslatable: string }> {
  const answer = await connection.send({ method: 'GET', path: modelPath(modelName) });
  const text = await textOf(answer, metadataBytesMax);
  if (answer.status !== 200)
    throw new Error(`${modelPath(modelName)} answered ${answer.status}${saidBy(text)}`);
  try {
    return readMetadata(JSON.parse(text));
  } catch (error) {
    return { untranslatable: (error as Error).message };
  }
}

/** A model that runs elsewhere, in the form in which our own server knows models: so that calls are translated by the same rules. */
export function remoteModel(
  connection: RemoteConnection,
  name: string,
  { inputs, outputs }: RemoteTensors,
  answerBytesMax: number,
  signal: AbortSignal,
): Model {
  return {
    name,
    inputs,
    outputs,
    inputByName: new Map(inputs.map((t) => [t.name, t])),
    outputByName: new Map(outputs.map((t) => [t.name, t])),
    outputNames: outputs.map((t) => t.name),
    recordsPerRun: inputs[0]?.dims?.[0] ?? null,
    async run(given, wanted) {
      const answer = await connection.send({
        method: 'POST',
        path: `${modelPath(name)}/infer`,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: Buffer.from(inferRequest(inputs, given, wanted)),
        signal,
      });
      const text = await textOf(answer, answerBytesMax);
      if (answer.status !== 200) throw refusal(answer.status, text);
      return readOutputs(
        outputs.filter((t) => wanted.includes(t.name)),
        text,
      );
    },
    close: async () => undefined,
  };
}

export const modelPath = (name: string) => `/v2/models/${encodeURIComponent(name)}`;

/** Refused credentials are between the operator and the server: the caller is told that it failed, not how Souk signs in. */
export const isOurs = (status: number) => status === 401 || status === 403 || status === 407;

export function refusal(status: number, text: string): CallError {
  if (isOurs(status)) return new CallError(502, 'the model’s server refused the marketplace');
  const passed = status >= 400 && status < 600 ? status : 502;
  return new CallError(passed, `the model’s server answered ${status}${saidBy(text)}`);
}

/** The protocol's `{"error": "..."}`, or FastAPI's `detail`; else nothing: pages of proxies help nobody. */
function saidBy(text: string): string {
  try {
    const { error, detail } = JSON.parse(text) as Record<string, unknown>;
    const said = typeof error === 'string' ? error : typeof detail === 'string' ? detail : '';
    return said === '' ? '' : `: ${said.slice(0, 1000)}`;
  } catch {
    return '';
  }
}

export async function textOf({ body }: RemoteAnswer, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes > bytesMax) {
      body.destroy();
      throw new CallError(502, `the answer of the model’s server is larger than ${bytesMax} bytes`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
