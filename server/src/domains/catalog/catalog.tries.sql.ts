import { row, sql, type Tx } from '../../platform/db.ts';

/** Takes one try of the day; undefined when none is left. One statement, so that no race gives one too many. */
export const take = async (tx: Tx, day: string, who: string, limit: number): Promise<number | undefined> =>
  limit < 1
    ? undefined
    : (
        await row<{ count: number }>(
          tx,
          sql`insert into tries (day, who, count) values (${day}::date, ${who}, 1)
          on conflict (day, who) do update set count = tries.count + 1 where tries.count < ${limit} returning count`,
        )
      )?.count;

export const giveBack = (tx: Tx, day: string, who: string) =>
  sql`update tries set count = count - 1 where day = ${day}::date and who = ${who} and count > 0`.execute(tx);

export const forgetBefore = (tx: Tx, day: string) =>
  sql`delete from tries where day < ${day}::date`.execute(tx);
