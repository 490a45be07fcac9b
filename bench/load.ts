import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Request {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
}

let scripts = 0;

/** wrk sends the requests one after the other, from the beginning again when they are through. Any answer that is no 2xx fails the run. */
export async function load(
  port: number,
  requests: readonly Request[],
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Measured> {
  const script = join(tmpdir(), `souk-bench-load-${process.pid}-${++scripts}.lua`);
  writeFileSync(script, scriptOf(requests));
  try {
    const output = await wrk([
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '--timeout',
      '20s',
      '-s',
      script,
      `http://127.0.0.1:${port}`,
    ]);
    const found = /RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) ([\d.]+) (\d+)/.exec(output)?.slice(1).map(Number);
    const [count = 0, microseconds = 1, p50Ms = 0, p95Ms = 0, p99Ms = 0, errors = 1] = found ?? [];
    if (errors > 0 || count === 0)
      throw new Error(`the load ended with ${errors} errors: ${output.slice(-500)}`);
    return { perSecond: (count * 1e6) / microseconds, p50Ms, p95Ms, p99Ms, requests: count };
  } finally {
    rmSync(script, { force: true });
  }
}

function scriptOf(requests: readonly Request[]): string {
  const line = ({ method = 'GET', path, headers = {}, body }: Request) =>
    `r[#r + 1] = wrk.format(${lua(method)}, ${lua(path)}, {${Object.entries({ host: '127.0.0.1', ...headers })
      .map(([k, v]) => `[${lua(k)}] = ${lua(v)}`)
      .join(', ')}}${body === undefined ? '' : `, ${lua(body)}`})`;
  return `local r, i = {}, 0
function init()
${requests.map(line).join('\n')}
end
function request()
  i = i % #r + 1
  return r[i]
end
function done(s, l)
  local e = s.errors
  io.write(string.format("RESULT %d %d %f %f %f %d\\n", s.requests, s.duration, l:percentile(50) / 1000, l:percentile(95) / 1000, l:percentile(99) / 1000,
    e.status + e.connect + e.read + e.write + e.timeout))
end
`;
}

/** JSON's escapes below 0x80 are Lua's; paths and bodies here have no others. */
const lua = (text: string) => JSON.stringify(text);

async function wrk(args: readonly string[]): Promise<string> {
  const child = spawn('wrk', [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (d: Buffer) => (output += d.toString()));
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return output;
}
