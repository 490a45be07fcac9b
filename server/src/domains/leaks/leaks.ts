import type { Role } from '@souk/contract';
import type { Tx } from '../../platform/db.ts';

/** Tells members of an account, by mail too, in the transaction that revokes; the same `source` twice tells nobody again. */
export type TellOwners = (
  tx: Tx,
  news: {
    readonly accountId: string;
    readonly roles: readonly Role[];
    readonly personId?: string;
    readonly title: string;
    readonly text: string;
    readonly link: string;
    readonly source: string;
    readonly mail: boolean;
  },
) => Promise<unknown>;

/** A kind of key that can leak: whoever owns it says how one is told and what revokes it. */
export interface Revoker {
  /** A whole key of this kind: its form and its checksum are right. Asks nobody. */
  recognises(text: string): boolean;
  /** Revokes the key and tells its owner, in one transaction; does nothing where it is unknown or no longer good. */
  revoke(key: string, where: string | null): Promise<void>;
}
