import { createHash, createPublicKey, verify } from 'node:crypto';

const payloadType = 'application/vnd.in-toto+json';

export interface SignedStatement {
  readonly keyId: string;
  /** Digest of each thing that was signed, by its name. */
  readonly subjects: ReadonlyMap<string, string>;
}

/**
 * Opens a DSSE envelope with an in-toto statement, if the Ed25519 key made a signature on it. Written here and not taken from
 * the server: who checks a marketplace should not use the marketplace's own judgement.
 */
export function openStatement(envelope: unknown, publicKeyPem: string): SignedStatement | { wrong: string } {
  const { payload, payloadType: type, signatures } = (envelope ?? {}) as Partial<Record<string, unknown>>;
  if (typeof payload !== 'string' || type !== payloadType || !Array.isArray(signatures))
    return { wrong: 'The statement is not a DSSE envelope with an in-toto statement.' };
  const key = createPublicKey(publicKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') return { wrong: 'The public key is not an Ed25519 key.' };
  const bytes = Buffer.from(payload, 'base64');
  const signed = Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${bytes.length} `),
    bytes,
  ]);
  const good = signatures.some((s: { sig?: unknown } | null) => {
    return typeof s?.sig === 'string' && verify(null, signed, key, Buffer.from(s.sig, 'base64'));
  });
  if (!good) return { wrong: 'No signature on the statement was made with this key.' };
  const subjects = subjectsOf(bytes);
  if (!subjects) return { wrong: 'What was signed is not an in-toto statement.' };
  const pem = key.export({ type: 'spki', format: 'pem' }).toString();
  return { keyId: createHash('sha256').update(pem).digest('hex').slice(0, 16), subjects };
}

function subjectsOf(payload: Buffer): ReadonlyMap<string, string> | undefined {
  try {
    const { subject } = JSON.parse(payload.toString('utf8')) as {
      subject: { name: string; digest: { sha256: string } }[];
    };
    return new Map(subject.map((s) => [s.name, s.digest.sha256]));
  } catch {
    return undefined;
  }
}
