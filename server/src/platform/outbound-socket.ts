import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Tell } from './outbound.ts';
import { portOf } from './outbound-addresses.ts';
import { OutboundError } from './outbound-errors.ts';

export interface CheckedAddress {
  readonly address: string;
  readonly family: number;
}

/** Connects to one of the addresses that were checked, in their order. */
export async function openSocket(
  url: URL,
  addresses: readonly CheckedAddress[],
  signal: AbortSignal,
  tell: Tell,
): Promise<Socket> {
  const secure = url.protocol === 'https:';
  const port = portOf(url);
  let problem = '';
  for (const { address } of addresses) {
    try {
      const socket = await once(connectTcp({ host: address, port }), 'connect', signal);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      tell('connected', `${address} port ${port}`);
      return secure ? await encrypt(socket, url.hostname, signal, tell) : socket;
    } catch (error) {
      if (error instanceof OutboundError || signal.aborted) throw error;
      problem = (error as { code?: string }).code ?? (error as Error).message;
    }
  }
  const tried = addresses.map((a) => a.address).join(', ');
  tell('connected', `${tried} port ${port}: ${problem}`, false);
  throw new OutboundError('unreachable', { host: url.hostname, address: tried, problem });
}

async function encrypt(
  socket: Socket,
  hostname: string,
  signal: AbortSignal,
  tell: Tell,
): Promise<TLSSocket> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const isAddress = /^[\d.]+$|:/.test(host);
  const options = { socket, host, ALPNProtocols: ['http/1.1'], ...(isAddress ? {} : { servername: host }) };
  try {
    const tls = await once(connectTls(options), 'secureConnect', signal);
    tls.on('error', () => {});
    tell('tls', `${tls.getProtocol()}, certificate valid until ${tls.getPeerCertificate().valid_to}`);
    return tls;
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw error;
    const problem = (error as Error).message;
    tell('tls', problem, false);
    throw new OutboundError('tls', { host, problem });
  }
}

function once<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<S> {
  return new Promise((done, failed) => {
    const abort = () => socket.destroy(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const settle = () => {
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', refuse);
    };
    const refuse = (error: Error) => {
      settle();
      // What still comes from a dead socket is nobody's business.
      socket.on('error', () => {});
      failed(error);
    };
    socket.once('error', refuse);
    socket.once(event, () => {
      settle();
      done(socket);
    });
  });
}
