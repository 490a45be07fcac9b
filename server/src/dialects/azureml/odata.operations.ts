import type {
  EdmType,
  WebServiceColumn,
  WebServiceParameter,
  WebServiceSchema,
  WebServiceType,
} from '@souk/contract';
import {
  type Cell,
  type GivenTable,
  inputColumns,
  outputColumns,
  typedCell,
} from '../../domains/webservices/index.ts';
import type { FaceOperation } from '../odata/index.ts';

export const operationName = 'Score';

const edmTypes: Readonly<Record<WebServiceType, EdmType>> = {
  String: 'Edm.String',
  Boolean: 'Edm.Boolean',
  Int32: 'Edm.Int32',
  Int64: 'Edm.Int64',
  Double: 'Edm.Double',
  DateTime: 'Edm.DateTimeOffset',
};

/** Names as OData can write them: `Scored Labels` becomes `Scored_Labels`; two that become the same are numbered. */
export function identifiers(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = name
      .normalize('NFKD')
      .replaceAll(/[^A-Za-z0-9_]/g, '_')
      .slice(0, 120);
    const base = /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
    let own = base;
    for (let n = 2; taken.has(own.toLowerCase()); n++) own = `${base}_${n}`;
    taken.add(own.toLowerCase());
    return own;
  });
}

/** A web service as OData shows it: one operation, `Score`, of one row, and `ScoreBatch` of many. */
export function odataOperation(schema: WebServiceSchema, title: string, description: string) {
  const columns = inputColumns(schema);
  const given: readonly (WebServiceColumn | WebServiceParameter)[] = [...columns, ...schema.parameters];
  const names = identifiers(given.map((g) => g.name));
  const shown = outputColumns(schema);
  const outNames = identifiers(shown.map((c) => c.name));
  const sample = new Map(
    columns.map((c) => [c.name, schema.sampleRows[0]?.[schema.input.columns.indexOf(c)] ?? undefined]),
  );
  const operation: FaceOperation = {
    name: operationName,
    title,
    ...(description ? { description } : {}),
    kind: 'both',
    batch: true,
    collection: false,
    parameters: given.map((g, i) => ({
      name: names[i] ?? '',
      ...(names[i] === g.name ? {} : { title: g.name }),
      type: edmTypes[g.type],
      nullable: 'nullable' in g && g.nullable === true,
      ...(g.description ? { description: g.description } : {}),
      ...(g.default === undefined ? {} : { default: g.default }),
      ...(g.values ? { values: g.values } : {}),
      ...(sample.get(g.name) == null ? {} : { sample: sample.get(g.name) ?? '' }),
    })),
    columns: shown.map((c, i) => ({
      name: outNames[i] ?? '',
      ...(outNames[i] === c.name ? {} : { title: c.name }),
      type: edmTypes[c.type],
      nullable: true,
      ...(c.description ? { description: c.description } : {}),
    })),
  };

  return {
    operation,
    /** Arguments as a table, and as global parameters: those of the first row hold for all. */
    callOf(sets: readonly Record<string, unknown>[]): {
      table: GivenTable;
      parameters: Record<string, unknown>;
    } {
      // A column that is left out takes its default, so only those that somebody gives are named.
      const used = columns
        .map((c, i) => ({ c, name: names[i] ?? '' }))
        .filter(({ name }) => sets.some((s) => s[name] !== undefined));
      const parameters: Record<string, unknown> = {};
      for (const [i, p] of schema.parameters.entries()) {
        const value = sets[0]?.[names[columns.length + i] ?? ''];
        if (value !== undefined && value !== null) parameters[p.name] = value;
      }
      const values = sets.map((s) =>
        used.map(({ c, name }) => (s[name] === undefined && c.default !== undefined ? c.default : s[name])),
      );
      return { table: { columnNames: used.map(({ c }) => c.name), values }, parameters };
    },
    rowsOf: (rows: readonly Cell[][]): Record<string, unknown>[] =>
      rows.map((r) => Object.fromEntries(shown.map((c, i) => [outNames[i], typedCell(c, r[i] ?? null)]))),
  };
}
