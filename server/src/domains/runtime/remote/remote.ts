/** How Souk signs in at a server that already runs. */
export type RemoteCredentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'header'; readonly name: string; readonly value: string };

/** A model server that somebody else runs, with what is needed to call it. */
export interface RemoteServer {
  /** Everything that Souk calls lies below it. */
  readonly url: string;
  readonly protocol: 'sagemaker' | 'inference-v2';
  /** The model's name on that server; only the Open Inference Protocol has such names. */
  readonly modelName: string | null;
  readonly credentials: RemoteCredentials;
  /** A certificate authority of its own, as PEM; else those that the system trusts. */
  readonly caPem: string | null;
  /** Until the answer begins, and between two pieces of it. */
  readonly timeoutMs: number;
}

export function credentialHeaders(credentials: RemoteCredentials): Record<string, string> {
  switch (credentials.kind) {
    case 'none':
      return {};
    case 'bearer':
      return { authorization: `Bearer ${credentials.token}` };
    case 'basic':
      return {
        authorization: `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`,
      };
    case 'header':
      return { [credentials.name.toLowerCase()]: credentials.value };
  }
}
