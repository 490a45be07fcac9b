import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { callModel } from '../runtime.call.ts';
import type { RunningModel } from '../runtime.ts';
import { containerBackend, type ServingLimits, servingLimits } from './container-backend.ts';
import { podmanForTests } from './testing.ts';

const found = await podmanForTests();
/** The contract's times, shorter: what a rule does is the same. */
const quick: ServingLimits = {
  ...servingLimits,
  startTimeoutMs: 20_000,
  pingEveryMs: 100,
  pingTimeoutMs: 1000,
  hungAfterMs: 1500,
  stopGraceMs: 5000,
  diskBytesMax: 30_000_000,
  processesMax: 300,
  log: { burstBytes: 200_000, bytesPerSecond: 1000 },
};
const honest = `mkdir -p /www/cgi-bin
echo ok > /www/ping
cat > /www/cgi-bin/answer <<'END'
#!/bin/sh
printf 'content-type: text/plain\\r\\n\\r\\n'
case "$QUERY_STRING" in
  hang) sleep 600;;
  model) cat /opt/ml/model/weights.txt;;
  env) echo "$FLAVOUR $SAGEMAKER_BATCH $HTTP_PROXY";;
  user) id;;
  write) echo x > /var/log/x && echo y > /tmp/y && echo written; echo z > /opt/ml/model/z || echo read-only;;
  limits) grep -E 'CapBnd|NoNewPrivs|Seccomp:' /proc/self/status;;
  *) head -c "$CONTENT_LENGTH" | tr a-z A-Z;;
esac
END
busybox chmod +x /www/cgi-bin/answer
trap 'kill $server; exit 0' TERM
echo "started with $1"
busybox httpd -f -p 8080 -h /www & server=$!
wait $server`;

if ('skip' in found) test('images are served by podman', { skip: found.skip }, () => undefined);
else
  suite('an image that is served', () => {
    const { podman, dataDir, image } = found;
    const socketDir = mkdtempSync(join(tmpdir(), 'sk-'));
    const model = join(dataDir, 'model');
    mkdirSync(model);
    writeFileSync(join(model, 'weights.txt'), 'weights');
    after(async () => {
      await found.close();
      rmSync(socketDir, { recursive: true, force: true });
    });
    /** One image for all of them: it does what its environment says. */
    const good = image('eval "$SCRIPT"');

    async function start(
      digest: string,
      over: { limits?: Partial<ServingLimits>; memoryMb?: number; script?: string } = {},
    ) {
      const lines: string[] = [];
      const backend = containerBackend({
        podman: async () => podman,
        archive: () => Promise.reject(new Error('nothing is loaded here')),
        packagePath: async () => model,
        socketDir,
        limits: { ...quick, ...over.limits },
      });
      const running = await backend.start({
        name: 'test',
        servable: {
          kind: 'container',
          imageDigest: digest,
          packageSha256: 'a'.repeat(64),
          environment: { FLAVOUR: 'sweet', SCRIPT: over.script ?? honest },
        },
        environment: { SAGEMAKER_BATCH: 'true' },
        instance: { name: 'ml.t3.small', cpus: 1, memoryMb: over.memoryMb ?? 128 },
        onLog: (line) => lines.push(line),
      });
      return { running, lines };
    }
    /** How it ends, with the words that its publisher reads. */
    async function endOf(script: string, over: Parameters<typeof start>[1] & { raw?: string } = {}) {
      const digest = over.raw === undefined ? await good : await image('', { raw: over.raw });
      const { running } = await start(digest, { ...over, script });
      const ready = await running.ready.then(
        () => true,
        () => false,
      );
      const { kind, reason } = await running.exited;
      return { ready, kind, reason, running };
    }
    const call = async (running: RunningModel, query: string, body = '') =>
      (
        await callModel(running.address, {
          path: `/cgi-bin/answer?${query}`,
          contentType: 'text/plain',
          body,
          timeoutMs: 10_000,
        })
      ).body.toString();

    test('answers at its port with model, environment and a root to write to, with few rights and nothing of the host', async () => {
      process.env.HTTP_PROXY = 'http://proxy.example';
      const { running, lines } = await start(await good);
      try {
        await running.ready;
        delete process.env.HTTP_PROXY;
        assert.equal(await call(running, 'echo', 'iris'), 'IRIS');
        assert.equal(await call(running, 'model'), 'weights');
        assert.equal((await call(running, 'env')).trim(), 'sweet true');
        assert.match(await call(running, 'user'), /uid=0/);
        assert.equal(await call(running, 'write'), 'written\nread-only\n');
        const limits = await call(running, 'limits');
        assert.match(limits, /CapBnd:\s+00000000000004eb/);
        assert.match(limits, /NoNewPrivs:\s+1/);
        assert.match(limits, /Seccomp:\s+2/);
        assert.deepEqual(lines[0], 'started with serve');
        assert.match(running.sandbox, /^podman \d/);
        const big = 'a'.repeat(3_000_000);
        assert.equal((await call(running, 'echo', big)).length, big.length);
      } finally {
        await running.stop();
      }
      assert.equal((await running.exited).kind, 'stopped');
      assert.deepEqual(await running.conduct?.().then((c) => [c.ignoredTerm, c.networkTries]), [false, 0]);
      assert.equal(await podman.run(['ps', '--all', '--quiet']), '');
      assert.deepEqual(readdirSync(socketDir), []);
    });

    test('reaches nothing: no service of the host, no neighbour, no name server; its tries are counted', async () => {
      const heard: string[] = [];
      const host = createServer((request, response) => {
        heard.push(request.url ?? '');
        response.end();
      });
      await new Promise<void>((resolve) => host.listen(0, '0.0.0.0', () => resolve()));
      const address = host.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const { running, lines } = await start(await good, {
        script: `${honest.replace('wait $server', '')}
for to in 127.0.0.1 10.0.2.2 $(echo 192.0.2.7 10.88.0.1); do wget -q -O - http://$to:${port}/$to && echo reached $to; done
nslookup example.org && echo resolved
echo tried
wait $server`,
      });
      try {
        await running.ready;
        while (!lines.includes('tried')) await new Promise((resolve) => setTimeout(resolve, 20));
        assert.ok(((await running.conduct?.())?.networkTries ?? 0) >= 2, 'tries are counted');
      } finally {
        await running.stop();
        host.close();
      }
      assert.deepEqual(heard, []);
      assert.deepEqual(
        lines.filter((line) => /^(reached|resolved)/.test(line)),
        [],
      );
    });

    test('may open /dev/stdout and /dev/stderr, as stock images that log there do', async () => {
      const { kind, reason } = await endOf(
        'echo first >> /dev/stdout && echo last words > /dev/stderr; exit 4',
      );
      assert.equal(kind, 'not-ready');
      assert.match(reason, /ended with code 4 .*last words/);
    });

    test('that ends at once is refused with its code and its last words', async () => {
      const { ready, kind, reason } = await endOf('echo no model found >&2; exit 3');
      assert.deepEqual([ready, kind], [false, 'not-ready']);
      assert.match(reason, /ended with code 3 before it answered GET \/ping.*no model found/);
    });

    test('of another computer, or without a program, is refused in words', async () => {
      const other = await endOf('', { raw: '\x7fELF\x02\x01\x01 not for this computer' });
      assert.equal(other.kind, 'not-ready');
      assert.match(other.reason, /another kind of computer/);
      const none = await endOf('', { raw: '#!/bin/nothing\n' });
      assert.match(none.reason, /ended with code 1 .*\/entry: no such file/);
    });

    test('that never answers /ping is ended when its time is up', async () => {
      const { kind, reason } = await endOf('sleep 600', { limits: { startTimeoutMs: 700 } });
      assert.equal(kind, 'not-ready');
      assert.match(reason, /did not answer GET \/ping with 200 on port 8080 within 0\.7 s/);
    });

    test('that stops answering /ping is ended', async () => {
      const { ready, kind, reason } = await endOf(
        `${honest.replace('wait $server', '')}\nsleep 0.5; kill -STOP $server; sleep 600`,
        { limits: { hungAfterMs: 300 } },
      );
      assert.deepEqual([ready, kind], [true, 'hung'], reason);
      assert.match(reason, /stopped answering GET \/ping/);
    });

    test('that floods its log is ended', async () => {
      const { kind, reason } = await endOf('yes');
      assert.equal(kind, 'log');
      assert.match(reason, /flooded its log/);
    });

    test('that fills its disk is ended, wherever it writes', async () => {
      const { kind, reason } = await endOf(
        'i=0; while true; do dd if=/dev/zero of=/var/log/$i bs=1000000 count=9 2>/dev/null; i=$((i+1)); sleep 0.1; done',
      );
      assert.equal(kind, 'disk', reason);
      assert.match(reason, /more than 30 MB to its disk/);
    });

    test('that forks without end is ended, and takes all it started along', async () => {
      const { kind, running } = await endOf('while true; do sleep 600 & done');
      assert.equal(kind, 'processes');
      assert.equal((await running.conduct?.())?.ignoredTerm, false);
    });

    test('that needs more memory than its instance type is ended, and only it', async () => {
      const { kind, reason } = await endOf(
        "b=$(head -c 9000000 /dev/zero | tr '\\0' x); while true; do a=$a$b; sleep 0.02; done",
        { memoryMb: 64 },
      );
      assert.equal(kind, 'memory', reason);
      assert.match(reason, /more memory than the 64 MB of ml\.t3\.small/);
    });

    test('that ignores SIGTERM is killed after its grace, and that is known', async () => {
      const { running } = await start(await good, {
        script: honest.replace(/trap.*TERM\n/, "trap '' TERM\n"),
        limits: { stopGraceMs: 300 },
      });
      await running.ready;
      await running.stop();
      assert.equal((await running.exited).kind, 'stopped');
      assert.equal((await running.conduct?.())?.ignoredTerm, true);
    });
  });
