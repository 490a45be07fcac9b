import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { enqueue, type JobDefinition } from '../../platform/jobs.ts';
import { sendMail } from '../../platform/mail.ts';
import { type Context, fromNetwork, limited, limits, type Origin, tell } from './accounts.context.ts';
import { revokeKeysOfPerson } from './accounts.keys.sql.ts';
import type { Library, LibraryHooks } from './accounts.library.ts';
import { resetMail } from './accounts.mails.ts';
import { findPerson, markEmailVerified } from './accounts.people.sql.ts';
import { isWeakPassword, normalEmail } from './accounts.rules.ts';
import type { PersonRow } from './accounts.ts';

export function newResets(context: Context, library: () => Library) {
  const { db, config } = context.platform;
  // The library hands a token over in a hook and swallows what the hook throws; the job that asked for it sends the mail.
  const handedOver = new Map<string, { person: Pick<PersonRow, 'email' | 'name'>; token: string }>();

  const hooks: Pick<LibraryHooks, 'sendReset' | 'resetDone'> = {
    async sendReset(person, token) {
      handedOver.set(person.email, { person, token });
    },
    /** Keys that were made before anybody proved to own the address may be a stranger's who signed up with it. */
    async resetDone(personId) {
      await inTx(db, async (tx) => {
        const provenNow = await markEmailVerified(tx, personId);
        const revokedKeys = provenNow ? await revokeKeysOfPerson(tx, personId) : 0;
        const person = await findPerson(tx, personId);
        await tell(context, tx, `system:sign-in`, 'person.password_reset', personId, {
          email: person?.email,
          revokedKeys,
        });
      });
    },
  };

  const job: JobDefinition = {
    name: 'accounts:send-reset',
    async run({ email }) {
      const { api } = await library().base();
      await api.requestPasswordReset({ body: { email: String(email) } });
      const given = handedOver.get(String(email));
      handedOver.delete(String(email));
      if (!given) return;
      const url = `${config.publicUrl}/password-reset?token=${given.token}`;
      await inTx(db, (tx) =>
        sendMail(tx, resetMail({ to: given.person.email, name: given.person.name, url })),
      );
    },
  };

  return {
    hooks,
    jobs: [job],

    /** Does the same for addresses that are known and for those that are not, in the same time: it enqueues. */
    async request(given: string, from: Origin): Promise<void> {
      const email = normalEmail(given);
      limited(context, [
        [limits.resetFrom, fromNetwork(from)],
        [limits.resetTo, email],
      ]);
      await inTx(db, (tx) => enqueue(tx, job.name, { email }, { attemptsMax: 5 }));
    },

    async complete({ token, password }: { token: string; password: string }, from: Origin): Promise<void> {
      limited(context, [[limits.resetFrom, fromNetwork(from)]]);
      if (isWeakPassword(password, '')) fail('account.weak_password');
      const { api } = await library().base();
      await api.resetPassword({ body: { token, newPassword: password } }).catch((error: unknown) => {
        const { statusCode } = error as { statusCode?: unknown };
        return statusCode === 400 ? fail('account.reset_expired') : Promise.reject(error);
      });
      context.forget();
    },
  };
}
export type Resets = ReturnType<typeof newResets>;
