import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { leaf } from '../command.ts';

export function versionCommand(program: Command, app: App): void {
  leaf(program, 'version', 'Version of this program', {
    examples: ['souk version'],
    notes: 'Also: souk --version.',
  }).action(() => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    app.output.item({ version, node: process.version }, [
      ['souk', version],
      ['node', process.version],
    ]);
  });
}
