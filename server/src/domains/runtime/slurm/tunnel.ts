import { connect, createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';

/**
 * A way from Souk to what a node of the cluster serves. Others work on that network: both ends prove that they know the job's key, which
 * lies in the shared folder for Souk's user alone, and nobody else reads along.
 */
export interface Where {
  /** By which this computer may be reached, the likeliest first. */
  readonly addresses: readonly string[];
  readonly port: number;
}

const identity = 'souk';
const agreed = {
  // Keys that were agreed on beforehand, without certificates, are of this version.
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
} as const;
const connectMs = 5000;

export interface FarEnd {
  readonly where: Where;
  /** When somebody who knows the key was last heard of, by `performance.now()`. */
  heardAt(): number;
  /** Once what is under way has been sent. */
  close(): Promise<void>;
}

/** On the node: hands what comes over the network to the socket of what is served there. */
export async function openFarEnd(unix: string, key: Buffer): Promise<FarEnd> {
  let heard = performance.now();
  const open = new Set<TLSSocket>();
  const server = createTlsServer(
    { ...agreed, pskCallback: (_socket, who) => (who === identity ? key : null) },
    (caller) => {
      heard = performance.now();
      caller.on('data', () => {
        heard = performance.now();
      });
      open.add(caller);
      caller.once('close', () => open.delete(caller));
      joined(caller, connect(unix));
    },
  );
  // Whoever has no key is not worth a word.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, resolve);
  });
  const { port } = server.address() as { port: number };
  return {
    where: { addresses: ownAddresses(), port },
    heardAt: () => heard,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const late = setTimeout(() => {
        for (const caller of open) caller.destroy();
      }, 2000);
      await closed;
      clearTimeout(late);
    },
  };
}

export interface NearEnd {
  close(): void;
}

/** Here: a socket that calls of the model go to as to any other. Rejects where the far end cannot be reached. */
export async function openNearEnd(unix: string, where: Where, key: Buffer): Promise<NearEnd> {
  const host = await firstReachable(where, key);
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (caller) => {
    const far = farSocket(host, where.port, key);
    for (const each of [caller, far]) {
      open.add(each);
      each.once('close', () => open.delete(each));
    }
    joined(caller, far);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(unix, resolve);
  });
  return {
    close() {
      server.close();
      for (const each of open) each.destroy();
    },
  };
}

/** Proves who is there: another computer of the same address has no key. */
async function firstReachable({ addresses, port }: Where, key: Buffer): Promise<string> {
  let problem = 'it named no address';
  for (const host of addresses) {
    const socket = farSocket(host, port, key);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', resolve);
        socket.once('error', reject);
        socket.setTimeout(connectMs, () => reject(new Error(`no answer within ${connectMs / 1000} s`)));
      });
      return host;
    } catch (error) {
      // Without the address: buyers read it.
      const { code, message } = error as NodeJS.ErrnoException;
      problem = code ?? message;
    } finally {
      socket.on('error', () => undefined);
      socket.destroy();
    }
  }
  throw new Error(problem);
}

const farSocket = (host: string, port: number, key: Buffer) =>
  connectTls({
    ...agreed,
    host,
    port,
    pskCallback: () => ({ psk: key, identity }),
    // There is no certificate whose name could be compared: the key is the proof.
    checkServerIdentity: () => undefined,
  });

function joined(a: Socket, b: Socket): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.setNoDelay(true);
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroySoon());
  }
}

/** Its own last: then only what runs on the same computer is meant, and the key says whether it is. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((of) => of ?? []);
  const usable = all.filter((a) => !a.internal && !a.address.startsWith('fe80'));
  usable.sort((a, b) => a.family.localeCompare(b.family));
  return [...usable.map((a) => a.address), '127.0.0.1'];
}
