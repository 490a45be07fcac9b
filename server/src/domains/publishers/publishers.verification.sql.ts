import type { VerificationEvent, VerificationState } from '@souk/contract';
import { changed, type Db, rows, sql, type Tx } from '../../platform/db.ts';
import type { HistoryRow } from './publishers.ts';

interface Move {
  readonly accountId: string;
  readonly event: VerificationEvent;
  readonly from: VerificationState;
  readonly to: VerificationState;
  readonly text: string;
  readonly actor: string;
  readonly byOperator: boolean;
  readonly at: Date;
  /** What is verified is another thing now. */
  readonly newVersion: boolean;
  readonly identityVerifiedAt: Date | null;
}

/** Moves the state and writes its history; answers false when it was no longer `from`. */
export async function move(tx: Tx, m: Move): Promise<boolean> {
  const moved = await changed(
    tx,
    sql`update publishers set verification = ${m.to}, verification_text = ${m.text}, identity_verified_at = ${m.identityVerifiedAt},
        verification_since = case when verification = ${m.to} then verification_since else ${m.at} end,
        verification_version = verification_version + ${m.newVersion ? 1 : 0}
      where account_id = ${m.accountId} and verification = ${m.from}`,
  );
  if (moved === 0) return false;
  await sql`insert into publisher_verification_history (account_id, event, from_state, to_state, text, actor, by_operator, at)
    values (${m.accountId}, ${m.event}, ${m.from}, ${m.to}, ${m.text}, ${m.actor}, ${m.byOperator}, ${m.at})`.execute(
    tx,
  );
  return true;
}

export const history = (db: Db, accountId: string) =>
  rows<HistoryRow>(
    db,
    sql`select at, event, from_state as "from", to_state as "to", text, actor, by_operator as "byOperator"
      from publisher_verification_history where account_id = ${accountId} order by id desc limit 200`,
  );
