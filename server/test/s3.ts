import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

// The server writes its continuation tokens with DES, which OpenSSL has put away; with the same key three times, triple DES is the same.
const crypto = createRequire(import.meta.url)('node:crypto') as Record<string, CipherMaker>;
for (const name of ['createCipheriv', 'createDecipheriv']) {
  const make = crypto[name] as CipherMaker;
  crypto[name] = (algorithm, key, iv) =>
    algorithm === 'des' ? make('des-ede3-cbc', Buffer.concat([key, key, key]), iv) : make(algorithm, key, iv);
}
type CipherMaker = (algorithm: string, key: Buffer, iv: Buffer) => unknown;

interface S3rver {
  run(): Promise<{ address: string; port: number }>;
  close(): Promise<void>;
}
type NewS3rver = new (options: object) => S3rver;

/** An S3 server of another maker, that keeps objects in a folder of its own. */
export async function testS3(
  bucket: string,
): Promise<{ endpoint: string; folder: string; credentials: typeof testCredentials }> {
  const folder = mkdtempSync(join(tmpdir(), 'souk-s3-'));
  const Server = createRequire(import.meta.url)('@20minutes/s3rver') as NewS3rver;
  const server = new Server({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    vhostBuckets: false,
    // It signs a bucket's path without the slash at its end that the SDK sends; keys that it does not know it refuses all the same.
    allowMismatchedSignatures: true,
    directory: folder,
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  const { port } = await server.run();
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { endpoint: `http://127.0.0.1:${port}`, folder, credentials: testCredentials };
}

/** The only ones that it knows. */
export const testCredentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' } as const;
