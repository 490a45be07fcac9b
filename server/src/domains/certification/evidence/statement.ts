import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from '../../../platform/canonical-json.ts';

export const statementType = 'https://in-toto.io/Statement/v1';
export const payloadType = 'application/vnd.in-toto+json';
export const publicationPredicate = 'urn:souk:publication:v1';

export type Subject = { readonly name: string; readonly sha256: string };

export type Statement = {
  readonly subjects: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
};

/** DSSE: the payload as it was signed, so that nobody has to write JSON the same way twice. */
export type Envelope = {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
};

export type SigningKey = { readonly keyId: string; readonly privateKey: KeyObject };

/** An in-toto statement over every digest, in a DSSE envelope, signed with Ed25519. */
export function signStatement(statement: Statement, key: SigningKey): Envelope {
  const payload = Buffer.from(
    canonicalJson({
      _type: statementType,
      subject: statement.subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
      predicateType: statement.predicateType,
      predicate: statement.predicate,
    }),
  );
  const sig = sign(null, preAuthentication(payloadType, payload), key.privateKey).toString('base64');
  return { payloadType, payload: payload.toString('base64'), signatures: [{ keyid: key.keyId, sig }] };
}

export type Verified =
  | { readonly ok: true; readonly keyId: string; readonly statement: Statement }
  | { readonly ok: false; readonly reason: string };

/** What an envelope says, if it was signed with this key. Whatever is wrong with it is the answer, never an exception. */
export function verifyEnvelope(envelope: unknown, publicKey: KeyObject | string): Verified {
  const no = (reason: string): Verified => ({ ok: false, reason });
  if (!isEnvelope(envelope)) return no('It is not a DSSE envelope.');
  if (envelope.payloadType !== payloadType)
    return no(`Its payload is ${envelope.payloadType}, not ${payloadType}.`);
  const key = typeof publicKey === 'string' ? createPublicKey(publicKey) : publicKey;
  if (key.asymmetricKeyType !== 'ed25519') return no('The public key is not an Ed25519 key.');
  const payload = Buffer.from(envelope.payload, 'base64');
  const signed = envelope.signatures.find(({ sig }) =>
    verify(null, preAuthentication(payloadType, payload), key, Buffer.from(sig, 'base64')),
  );
  if (signed === undefined) return no('No signature on it was made with this key.');
  const statement = readStatement(payload);
  return statement === null
    ? no('What was signed is not an in-toto statement.')
    : { ok: true, keyId: signed.keyid, statement };
}

/** DSSE's pre-authentication encoding: type and payload, each with its length, so that neither can pose as the other. */
function preAuthentication(type: string, payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `),
    payload,
  ]);
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const { payloadType: type, payload, signatures } = value as Record<string, unknown>;
  const isSignature = (one: unknown) =>
    typeof one === 'object' && one !== null && typeof (one as Record<string, unknown>).sig === 'string';
  return (
    typeof type === 'string' &&
    typeof payload === 'string' &&
    Array.isArray(signatures) &&
    signatures.length <= 16 &&
    signatures.every(isSignature)
  );
}

function readStatement(payload: Buffer): Statement | null {
  try {
    const given = JSON.parse(payload.toString('utf8')) as Record<string, unknown>;
    const { subject, predicateType, predicate } = given;
    if (given._type !== statementType || !Array.isArray(subject) || typeof predicateType !== 'string')
      return null;
    const subjects = subject.map((one: { name?: unknown; digest?: { sha256?: unknown } }) => {
      if (typeof one.name !== 'string' || typeof one.digest?.sha256 !== 'string')
        throw new TypeError('no digest');
      return { name: one.name, sha256: one.digest.sha256 };
    });
    return { subjects, predicateType, predicate: (predicate ?? {}) as Record<string, unknown> };
  } catch {
    return null;
  }
}

/** How a public key is named: the first 16 hexadecimal digits of its PEM text's SHA-256. */
export function keyIdOf(publicKey: KeyObject): string {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return createHash('sha256').update(pem).digest('hex').slice(0, 16);
}
