/** A kind of key that can leak: whoever owns it says how one is told and what revokes it. */
export interface Revoker {
  /** A whole key of this kind: its form and its checksum are right. Asks nobody. */
  recognises(text: string): boolean;
  /** Revokes the key and tells its owner, in one transaction; does nothing where it is unknown or no longer good. */
  revoke(key: string, where: string | null): Promise<void>;
}
