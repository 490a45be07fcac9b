import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const folder = fileURLToPath(new URL('../../migrations/', import.meta.url));
export interface Migration {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

export function migrations(): Migration[] {
  return readdirSync(folder)
    .filter((f) => f.endsWith('.sql'))
    .sort()
    .map((name) => {
      const text = readFileSync(`${folder}${name}`, 'utf8');
      return { name, text, sha256: createHash('sha256').update(text).digest('hex') };
    });
}

/** True when the database lacks a migration of this release; cheap, for those who only need to know. */
export async function isBehind(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ found: boolean }>(
      "select to_regclass('souk_migrations') is not null as found",
    );
    if (!tables[0]?.found) return true;
    const { rows } = await client.query<{ name: string }>('select name from souk_migrations');
    return migrations().some((m) => !rows.some((r) => r.name === m.name));
  } finally {
    await client.end();
  }
}
