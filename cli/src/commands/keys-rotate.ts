import { operations } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { leaf } from '../command.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { wholeNumber } from '../pages.ts';

export function rotateCommand(keys: Command, app: App): void {
  leaf(keys, 'rotate <id>', 'Make a new key in the place of one of yours; the old one works on for a while', {
    examples: [
      'export SOUK_API_KEY=$(souk keys rotate key_…)',
      'souk keys rotate key_… --overlap-hours 168',
      'souk keys rotate key_… --overlap-hours 0 --json',
    ],
    notes:
      'The new key may what the old one may. Both work until the overlap is over, so programs can be given the new one without\n' +
      'a pause; then the old one ends by itself. If it leaked, do not wait: 0 ends it at once. The key is all that goes to stdout.',
  })
    .option('--overlap-hours <n>', 'how long both work; else a day', wholeNumber)
    .option(
      '--expires-in-days <n>',
      'of the new key; else it lives as long as the old one was made for',
      wholeNumber,
    )
    .action(async (keyId: string, { overlapHours, expiresInDays }: RotateOptions) => {
      const client = await app.client();
      const made = await client.call(operations.rotateApiKey, {
        params: { keyId },
        body: given({ overlapHours, expiresInDays }),
      });
      if (app.output.json) app.output.line(JSON.stringify(made));
      else app.output.line(made.key);
      app.output.note(
        `This is the only time that the key of ${made.details.id} is shown. ` +
          (made.replaced.state === 'active'
            ? `${made.replaced.hint} works until ${time(made.replaced.expiresAt)}.`
            : `${made.replaced.hint} works no more.`),
      );
    });
}

interface RotateOptions {
  overlapHours?: number;
  expiresInDays?: number;
}
