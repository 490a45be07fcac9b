import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seals secrets with AES-256-GCM. `context` (a table and id) is bound in: a sealed value moved elsewhere does not open. */
export interface Sealer {
  seal(secret: string, context: string): string;
  open(sealed: string, context: string): string;
}

export function newSealer(key: Buffer): Sealer {
  if (key.length !== 32)
    throw new Error('The sealing key must have 32 bytes (64 hexadecimal digits in SOUK_SEAL_KEY).');
  return {
    seal(secret, context) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return `v1.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    open(sealed, context) {
      const all = Buffer.from(sealed.slice('v1.'.length), 'base64url');
      // The length is said: otherwise a value cut short would be held against four bytes of its tag instead of sixteen.
      const decipher = createDecipheriv('aes-256-gcm', key, all.subarray(0, 12), { authTagLength: 16 })
        .setAAD(Buffer.from(context))
        .setAuthTag(all.subarray(12, 28));
      return Buffer.concat([decipher.update(all.subarray(28)), decipher.final()]).toString('utf8');
    },
  };
}

/** The marketplace's own keys, made at first start: sealing (or SOUK_SEAL_KEY), sessions, signing (Ed25519). */
export interface OwnKeys {
  readonly seal: Buffer;
  readonly session: string;
  readonly signing: { readonly keyId: string; readonly privateKey: KeyObject; readonly publicKeyPem: string };
}

export function ownKeys(dataDir: string, sealKeyHex: string | undefined): OwnKeys {
  const folder = join(dataDir, 'keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const seal = sealKeyHex
    ? Buffer.from(sealKeyHex, 'hex')
    : Buffer.from(
        kept(join(folder, 'seal.hex'), () => randomBytes(32).toString('hex')),
        'hex',
      );
  const session = kept(join(folder, 'session.hex'), () => randomBytes(32).toString('hex'));
  const pem = kept(join(folder, 'signing.pem'), () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  const privateKey = createPrivateKey(pem);
  const publicKeyPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  const keyId = createHash('sha256').update(publicKeyPem).digest('hex').slice(0, 16);
  return { seal, session, signing: { keyId, privateKey, publicKeyPem } };
}

/** A file of mode 0600 that is written once: whole or not at all, and by one of several that start at the same moment. */
function kept(path: string, make: () => string): string {
  if (!existsSync(path)) {
    const part = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
    writeFileSync(part, `${make().trim()}\n`, { mode: 0o600, flush: true });
    try {
      linkSync(part, path);
    } catch (error) {
      // Another was faster; its key is the one that counts.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(part);
    }
  }
  chmodSync(path, 0o600);
  return readFileSync(path, 'utf8').trim();
}
