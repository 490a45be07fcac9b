import type pg from 'pg';

/**
 * The schema as text, from PostgreSQL's own descriptions: what is committed as server/schema.sql, what a test holds against the
 * migrations, and what `doctor` holds against a live database. The job runner's schema is its own affair.
 */
export async function dumpSchema(client: pg.Pool | pg.Client): Promise<string> {
  const parts: string[] = [
    '-- Made from the migrations by `npm run generate`; a test holds it against them.',
  ];
  const tables = await texts(
    client,
    `select relname as text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
  );
  for (const table of tables) {
    const columns = await texts(
      client,
      `select '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attidentity <> '' then ' generated always as identity' else '' end
        || case when a.attnotnull then ' not null' else '' end || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as text
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = ('public.' || quote_ident($1))::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
      table,
    );
    // Not-null constraints are with their columns; PostgreSQL 18 lists them as constraints of their own, earlier ones do not.
    const constraints = await texts(
      client,
      `select '  constraint ' || conname || ' ' || pg_get_constraintdef(oid) as text from pg_constraint
      where conrelid = ('public.' || quote_ident($1))::regclass and contype <> 'n' order by contype desc, conname`,
      table,
    );
    parts.push(`create table ${table} (\n${[...columns, ...constraints].join(',\n')}\n);`);
  }
  const of = async (query: string) => parts.push(...(await texts(client, query)).map((t) => `${t};`));
  await of(`select pg_get_indexdef(i.indexrelid) as text from pg_index i join pg_class c on c.oid = i.indexrelid
    where c.relnamespace = 'public'::regnamespace and not exists (select from pg_constraint where conindid = i.indexrelid) order by c.relname`);
  await of(`select pg_get_functiondef(p.oid) as text from pg_proc p where p.pronamespace = 'public'::regnamespace
    and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') order by p.proname, 1`);
  await of(`select pg_get_triggerdef(t.oid) as text from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'public'::regnamespace and not t.tgisinternal order by c.relname, t.tgname`);
  return `${parts.join('\n\n')}\n`;
}

async function texts(client: pg.Pool | pg.Client, query: string, ...values: string[]): Promise<string[]> {
  const { rows } = await client.query<{ text: string }>(query, values);
  return rows.map((r) => r.text);
}
