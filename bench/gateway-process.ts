import { type GatewaySettings, gatewayProcess } from '../server/src/domains/gateway/index.ts';
import { type Started, startListening } from './processes.ts';

/** The real gateway on a database of our own; no control plane behind it. */
export function startGateway(
  folder: string,
  databaseUrl: string,
  more: Partial<GatewaySettings> = {},
): Promise<Started> {
  const { command, args, env } = gatewayProcess({
    port: 0,
    host: '127.0.0.1',
    controlPlane: { host: '127.0.0.1', port: 9 },
    databaseUrl,
    dataDir: folder,
    nodeName: 'bench',
    publicUrl: 'http://127.0.0.1',
    payloadBytesMax: 25 * 1024 ** 2,
    callTimeoutMs: 60_000,
    ...more,
  });
  return startListening(command, args, { env: { ...process.env, ...env } });
}

export async function untilCalled(url: string, apiKey: string): Promise<void> {
  for (const end = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const answer = await fetch(url, {
      method: 'POST',
      body: '{}',
      headers: { authorization: `Bearer ${apiKey}` },
    });
    const text = await answer.text();
    if (answer.ok) return;
    if (Date.now() > end) throw new Error(`the gateway answers ${answer.status}: ${text.slice(0, 500)}`);
  }
}
