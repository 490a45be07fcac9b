import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { testFolder } from '../../../test/gateway.ts';
import { snippetsFor } from './subscriptions.snippets.ts';

const run = promisify(execFile);
const folder = testFolder();
const seen: { path: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
const server = createServer(async (request, answer) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  seen.push({ path: request.url, headers: request.headers, body: Buffer.concat(parts).toString() });
  answer.end('answered: ü');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => server.close());
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/call/flowers/iris/invocations`;

/** As somebody would who pastes it: into a shell, or into a file. */
const ways = {
  curl: (code: string) => ['sh', '-c', code],
  python: (code: string) => ['python3', file('call.py', code)],
  typescript: (code: string) => [process.execPath, file('call.ts', code)],
} as const;
function file(name: string, code: string): string {
  const path = join(folder, name);
  writeFileSync(path, code);
  return path;
}

const bodies = {
  'a line of CSV': '5.1,3.5,1.4,0.2\n',
  JSON: '{"instances": [[1, 2], [3, 4]]}',
  'what shells and languages might read as their own': `@/etc/hostname 'single' "double" \\n $HOME \`id\` \${x} !! %s \u2028 \u0007`,
  'several lines and scripts': 'eins\r\nzwei\tdrei\n日本語 🌸 ü\n\n',
  'a switch': '--version',
  nothing: '',
};

for (const [what, body] of Object.entries(bodies))
  test(`pasted, each snippet sends the key and the same bytes: ${what}`, async () => {
    const snippets = snippetsFor({
      url,
      contentType: `text/csv; header='absent'`,
      accept: 'application/json',
      body,
    });
    assert.deepEqual(
      snippets.map((s) => s.language),
      Object.keys(ways),
    );
    for (const { language, code } of snippets) {
      const [command = '', ...args] = ways[language](code);
      seen.length = 0;
      const { stdout } = await run(command, args, {
        env: { ...process.env, SOUK_API_KEY: 'souk_test', PYTHONIOENCODING: 'utf-8', HOME: folder },
      });
      assert.match(stdout, /answered: ü/, language);
      assert.deepEqual(
        seen.map((s) => [
          s.path,
          s.headers.authorization,
          s.headers['content-type'],
          s.headers.accept,
          s.body,
        ]),
        [
          [
            '/call/flowers/iris/invocations',
            'Bearer souk_test',
            `text/csv; header='absent'`,
            'application/json',
            body,
          ],
        ],
        language,
      );
    }
  });
