import { createReadStream } from 'node:fs';
import { connect, type Socket } from 'node:net';

/** Where clamd listens: a socket file, or a host and port. */
export type ClamdAddress = { readonly socket: string } | { readonly host: string; readonly port: number };

export type ScanResult =
  | { readonly outcome: 'clean' }
  | { readonly outcome: 'malware'; readonly signature: string }
  /** Not looked at in full, because of a limit of the scanner's: neither clean nor malware. */
  | { readonly outcome: 'limited'; readonly reason: string };

/** The scanner could not be asked, or answered out of turn: a fault of ours, never the publisher's. */
export class ClamdFault extends Error {
  readonly kind: 'unreachable' | 'timeout' | 'protocol';
  constructor(kind: ClamdFault['kind'], message: string) {
    super(message);
    this.name = 'ClamdFault';
    this.kind = kind;
  }
}

export type ClamdClient = {
  ping(): Promise<void>;
  /** Engine, signature version and date as clamd states them: `ClamAV 1.4.3/27000/Mon Nov 3 09:30:00 2026`. */
  version(): Promise<string>;
  scanStream(chunks: AsyncIterable<Uint8Array>): Promise<ScanResult>;
  scanFile(path: string): Promise<ScanResult>;
};

export type ClamdOptions = {
  readonly address: ClamdAddress;
  /** Longest silence on the connection while sending or waiting; a scan of gigabytes is silent for long. */
  readonly timeoutMs?: number;
};

const chunkBytes = 512 * 1024;
/** clamd's answers are one line. */
const answerBytesMax = 16 * 1024;

/** A client of clamd's stream protocol. Each request takes a connection of its own, so they may run side by side. */
export function clamdClient(options: ClamdOptions): ClamdClient {
  const timeoutMs = options.timeoutMs ?? 300_000;
  const ask = (command: string, chunks?: AsyncIterable<Uint8Array>) =>
    request(options.address, timeoutMs, command, chunks);
  const client: ClamdClient = {
    async ping() {
      const answer = await ask('PING');
      if (answer !== 'PONG') throw new ClamdFault('protocol', `clamd answered ${answer} to PING`);
    },
    version: () => ask('VERSION'),
    scanStream: async (chunks) => readVerdict(await ask('INSTREAM', chunks)),
    scanFile: (path) => client.scanStream(createReadStream(path, { highWaterMark: chunkBytes })),
  };
  return client;
}

function readVerdict(answer: string): ScanResult {
  if (answer === 'stream: OK') return { outcome: 'clean' };
  const found = /^stream: (.+) FOUND$/.exec(answer)?.[1];
  if (found !== undefined) {
    // With AlertExceedsMax clamd reports its own limits in the shape of a signature.
    return found.startsWith('Heuristics.Limits.Exceeded')
      ? { outcome: 'limited', reason: found }
      : { outcome: 'malware', signature: found };
  }
  if (/size limit exceeded/i.test(answer))
    return { outcome: 'limited', reason: 'larger than StreamMaxLength' };
  throw new ClamdFault('protocol', `clamd answered: ${answer.slice(0, 200)}`);
}

async function request(
  address: ClamdAddress,
  timeoutMs: number,
  command: string,
  chunks?: AsyncIterable<Uint8Array>,
): Promise<string> {
  const socket = 'socket' in address ? connect(address.socket) : connect(address.port, address.host);
  try {
    const answer = receive(socket, timeoutMs);
    // The answer may fail before it is waited for; whoever waits later still gets the failure.
    answer.catch(() => undefined);
    socket.write(`z${command}\0`);
    if (chunks !== undefined) await send(socket, chunks, answer);
    return await answer;
  } finally {
    socket.destroy();
  }
}

/** Sends length-prefixed chunks, at the pace at which clamd takes them. */
async function send(
  socket: Socket,
  chunks: AsyncIterable<Uint8Array>,
  answer: Promise<string>,
): Promise<void> {
  let answered = false;
  const done = answer.then(
    () => {
      answered = true;
    },
    () => {
      answered = true;
    },
  );
  for await (const chunk of chunks) {
    // clamd answers early when a limit is reached; the rest would only run into a closed connection.
    if (answered) return;
    if (chunk.length === 0) continue;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    socket.write(length);
    if (!socket.write(chunk)) await Promise.race([drained(socket), done]);
  }
  if (!answered) socket.write(Buffer.alloc(4));
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', resolve);
  });
}

function receive(socket: Socket, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setTimeout(timeoutMs, () => {
      reject(new ClamdFault('timeout', `clamd was silent for ${timeoutMs} ms`));
      socket.destroy();
    });
    socket.on('data', (data) => {
      text += data.toString('utf8');
      const end = text.indexOf('\0');
      if (end >= 0) resolve(text.slice(0, end).trim());
      else if (text.length > answerBytesMax) reject(new ClamdFault('protocol', 'clamd’s answer has no end'));
    });
    socket.on('error', (error) => reject(new ClamdFault('unreachable', `clamd: ${error.message}`)));
    socket.on('close', () =>
      reject(new ClamdFault('protocol', 'clamd closed the connection without an answer')),
    );
  });
}
