import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Measured {
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly calls: number;
}

const connections = 64;
const body = '{"instances":[{"features":[5.1,3.5,1.4,0.2]}]}';

/** wrk with one thread and 64 connections, posting a small JSON body with a key. Fails when any answer was not 2XX. */
export function newLoad(folder: string, apiKey: string) {
  const script = join(folder, 'call.lua');
  writeFileSync(
    script,
    `wrk.method = "POST"
wrk.body = '${body}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer ${apiKey}"
done = function(s, l, r)
  local errors = s.errors.status + s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout
  io.write(string.format("RESULT %d %d %f %f %d\\n", s.requests, s.duration, l:percentile(50) / 1000, l:percentile(99) / 1000, errors))
end
`,
  );
  return async function load(url: string, seconds: number): Promise<Measured> {
    const output = await outputOf('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url]);
    const [calls = 0, microseconds = 1, p50Ms = 0, p99Ms = 0, errors = 1] = (
      /RESULT (.*)/.exec(output)?.[1] ?? ''
    )
      .split(' ')
      .map(Number);
    if (errors !== 0) throw new Error(`The load on ${url} ended with errors: ${output.slice(-500)}`);
    return { callsPerSecond: (calls * 1e6) / microseconds, p50Ms, p99Ms, calls };
  };
}

function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
}
