import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { ask, newTestFace } from '../../../test/odata.ts';

/** Clients of others, over a real server, as buyers would use them. */
const require = createRequire(import.meta.url);
const { default: buildQuery } = require('odata-query') as { default(options: object): string };
const face = newTestFace();
let server: Server;
let root = '';
const seen: { path: string; headers: Headers }[] = [];

before(async () => {
  server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const method = incoming.method ?? 'GET';
    const headers = new Headers(incoming.headers as Record<string, string>);
    const request = new Request(`${root}/`, {
      method,
      headers,
      ...(method === 'POST' && { body: Buffer.concat(chunks) }),
    });
    const path = (incoming.url ?? '').slice('/odata'.length);
    seen.push({ path, headers });
    const { response } = await face.handle(request, { root, path });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}/odata`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

describe('clients of others', () => {
  test('o.js: percent-encoded option names, */* and a content type on GET', async () => {
    const { o } = require('o.js') as {
      o(root: string): {
        get(resource: string): { query(options?: object): Promise<unknown> };
        post(resource: string, body: object): { query(): Promise<unknown> };
      };
    };
    const rows = (await o(`${root}/`)
      .get('Towns')
      .query({ $filter: "startswith(Name,'Town 24') and Id gt 245", $top: 2, $select: 'Id' })) as {
      Id: number;
    }[];
    assert.deepEqual(
      rows.map(({ Id }) => Id),
      [246, 247],
    );
    assert.match(seen.at(-1)?.path ?? '', /%24filter=/);
    const score = (await o(`${root}/`).get("Score(age=39,workclass='Private')").query()) as object;
    assert.equal((score as { Scored_Labels: string }).Scored_Labels, '<=50K');
    const posted = (await o(`${root}/`)
      .post('ScorePost', { age: 50, workclass: 'Private' })
      .query()) as object;
    assert.equal((posted as { Scored_Labels: string }).Scored_Labels, '>50K');
    await assert.rejects(
      o(`${root}/`).get('Towns').query({ $filter: "Name eq 'C'1'" }),
      (error: Response) => {
        assert.equal(error.status, 400);
        return true;
      },
    );
  });

  test('@odata/client: sets, counts, filters, actions, functions and the message of an error', async () => {
    const { OData } = require('@odata/client') as {
      OData: {
        New4(options: object): {
          getEntitySet(name: string): {
            query(filter?: object): Promise<{ Id: number }[]>;
            count(filter?: object): Promise<number>;
            retrieve(key: number): Promise<{ Name: string }>;
            find(filter: object): Promise<{ Id: number }[]>;
          };
          newFilter(): {
            field(name: string): { eq(value: unknown): object; contains(value: unknown): object };
          };
          newRequest(options: object): Promise<{ error?: { message: string }; value?: unknown[] }>;
        };
      };
    };
    const client = OData.New4({ metadataUri: `${root}/$metadata`, serviceEndpoint: `${root}/` });
    const towns = client.getEntitySet('Towns');
    assert.equal((await towns.query()).length, 100);
    assert.equal(await towns.count(), 250);
    assert.equal((await towns.retrieve(7)).Name, 'Town 6');
    assert.deepEqual(
      (await towns.find({ Name: 'Town 6' })).map(({ Id }) => Id),
      [7],
    );
    // It does not double the quote.
    await assert.rejects(towns.find({ Name: "L'Aquila" }), /'…' is known \(position 12\)/);
    await assert.rejects(towns.query(client.newFilter().field('Nam').eq(1)), /There is no column Nam/);
  });

  test('odata-query: what it builds is understood, quotes and all', async () => {
    const query = buildQuery({
      filter: { Name: { contains: "L'A" }, or: [{ Id: { lt: 5 } }, { Capital: true }] },
      orderBy: ['Capital desc', 'Id'],
      select: ['Id'],
      count: true,
      top: 5,
    });
    const got = (await (await fetch(`${root}/Towns${query}`)).json()) as {
      value: unknown[];
      '@odata.count': number;
    };
    assert.deepEqual([got.value, got['@odata.count']], [[{ Id: 1 }], 1]);
    const call = buildQuery({ func: { Score: { age: 39, workclass: "Own 'inc'" } } });
    const score = (await (await fetch(`${root}${call}`)).json()) as { Scored_Labels: string };
    assert.equal(score.Scored_Labels, '<=50K');
  });

  test('odata2ts: the generated client compiles, strictly typed, and calls everything', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'odata2ts-'));
    const execute = promisify(execFile);
    const here = join(import.meta.dirname, '..', '..', '..', 'test');
    try {
      const packages = require.resolve('@odata2ts/odata-service/package.json');
      await symlink(dirname(dirname(dirname(packages))), join(dir, 'node_modules'));
      await writeFile(join(dir, 'metadata.xml'), (await ask(face, '$metadata')).text);
      await copyFile(join(here, 'odata2ts-client.ts.txt'), join(dir, 'client.ts'));
      await writeFile(join(dir, 'package.json'), '{"type":"commonjs"}');
      const compilerOptions = {
        target: 'es2022',
        module: 'nodenext',
        strict: true,
        skipLibCheck: true,
        outDir: 'js',
        rootDir: '.',
        types: [],
      };
      await writeFile(
        join(dir, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, include: ['out', 'client.ts'] }),
      );
      await execute(
        process.execPath,
        [
          join(here, 'odata2ts.cjs'),
          '-s',
          'metadata.xml',
          '-o',
          'out',
          '-m',
          'all',
          '-e',
          'ts',
          '-t',
          'tsconfig.json',
        ],
        { cwd: dir },
      );
      const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
      const compiled = await execute(process.execPath, [tsc, '-p', dir], { cwd: dir }).catch(
        ({ stdout }: { stdout: string }) => ({ stdout }),
      );
      assert.equal(compiled.stdout, '');
      const { run } = require(join(dir, 'js', 'client.js')) as {
        run(root: string): Promise<{ quoted: string }>;
      };
      const { quoted, ...answered } = await run(root);
      assert.deepEqual(answered, {
        label: '<=50K',
        probability: 0.5,
        batch: ['<=50K', '>50K'],
        ids: [250, 249, 248],
        count: 13,
        name: 'Town 6',
      });
      // It does not double the quote: what it sends is malformed, and is said to be.
      assert.match(quoted, /^400 .*odata.malformed_literal/);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  test('none of them sends a version', () => {
    assert.deepEqual(
      new Set(seen.map(({ headers }) => headers.get('OData-MaxVersion') ?? headers.get('OData-Version'))),
      new Set([null]),
    );
  });
});
