import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { soukYamlSchema } from './document/json-schema.ts';
import { reference } from './reference.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Texts of the files that are drawn from the code, JSON as the formatter leaves it: a test holds them against the files. */
export function generatedFiles(): { path: string; text: string }[] {
  return [
    { path: 'docs/cli.md', text: reference() },
    { path: 'cli/souk.schema.json', text: JSON.stringify(soukYamlSchema(), null, 2) },
  ].map(({ path, text }) => ({ path, text: path.endsWith('.json') ? formatted(path, text) : text }));
}

function formatted(path: string, input: string): string {
  return execFileSync(`${root}node_modules/.bin/biome`, ['format', `--stdin-file-path=${path}`], {
    cwd: root,
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}
