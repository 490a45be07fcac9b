import {
  type Execute,
  type FaceOperation,
  type FaceSettings,
  newODataFace,
} from '../src/dialects/odata/index.ts';

/** A service for the tests of the face: a model that scores, and a table of towns. */
export const scoreOperation: FaceOperation = {
  name: 'Score',
  description: 'Whether somebody earns more than 50 thousand.',
  kind: 'both',
  collection: false,
  batch: true,
  parameters: [
    { name: 'age', type: 'Edm.Int32', description: 'In years', sample: '39' },
    { name: 'workclass', type: 'Edm.String', values: ['Private', 'State-gov', "Own 'inc'"] },
    { name: 'marital_status', title: 'marital-status', type: 'Edm.String', default: 'Never-married' },
    { name: 'bonus', type: 'Edm.Decimal', nullable: true },
  ],
  columns: [
    { name: 'Scored_Labels', title: 'Scored Labels', type: 'Edm.String', description: '>50K or <=50K' },
    { name: 'Scored_Probabilities', type: 'Edm.Double' },
  ],
};

export const townsOperation: FaceOperation = {
  name: 'Towns',
  kind: 'function',
  collection: true,
  parameters: [],
  columns: [
    { name: 'Id', type: 'Edm.Int32', key: true },
    { name: 'Name', type: 'Edm.String' },
    { name: 'People', type: 'Edm.Int64' },
    { name: 'Capital', type: 'Edm.Boolean' },
    { name: 'Area', type: 'Edm.Decimal' },
    { name: 'Founded', type: 'Edm.Date' },
    { name: 'Seen', type: 'Edm.DateTimeOffset' },
    { name: 'Code', type: 'Edm.Guid' },
    { name: 'Tags', type: 'Edm.String', collection: true },
  ],
};

export const pickOperation: FaceOperation = {
  name: 'Pick',
  kind: 'function',
  collection: true,
  parameters: [
    { name: 'ids', type: 'Edm.Int32', collection: true },
    { name: 'since', type: 'Edm.Date', nullable: true },
  ],
  columns: townsOperation.columns.filter(({ key }) => !key),
};

export const towns = Array.from({ length: 250 }, (_, index) => ({
  Id: index + 1,
  Name: index === 0 ? "L'Aquila" : `Town ${index}`,
  People: index === 3 ? '9007199254740993' : index * 1000,
  Capital: index % 10 === 0,
  Area: index === 5 ? null : `${index}.50`,
  Founded: `19${String(index % 100).padStart(2, '0')}-01-31`,
  Seen: '2026-01-31T12:00:00+02:00',
  Code: `01234567-89AB-CDEF-0123-${String(index).padStart(12, '0')}`,
  Tags: index % 2 ? ['odd'] : [],
}));

export interface Recorded {
  readonly operation: string;
  readonly args: Record<string, unknown>;
  readonly skip: number;
  readonly top: number | undefined;
}

export function newTestFace(
  settings: Partial<FaceSettings> = {},
  replace: Record<string, Execute> = {},
): ReturnType<typeof newODataFace> & { readonly asked: Recorded[] } {
  const asked: Recorded[] = [];
  const execute: Execute = async (operation, args, wanted) => {
    asked.push({ operation, args, skip: wanted.skip, top: wanted.top });
    const other = replace[operation];
    if (other) return other(operation, args, wanted);
    if (operation === 'Score')
      return {
        rows: (wanted.batch ?? [args]).map(({ age }) => ({
          Scored_Labels: Number(age) > 40 ? '>50K' : '<=50K',
          Scored_Probabilities: Number(age) / 100,
        })),
      };
    const ids = args.ids as number[] | undefined;
    const found = ids ? towns.filter(({ Id }) => ids.includes(Id)) : towns;
    const end = wanted.top === undefined ? undefined : wanted.skip + wanted.top;
    return { rows: found.slice(wanted.skip, end), more: end !== undefined && end < found.length };
  };
  const face = newODataFace(
    { namespace: 'Acme.Income', operations: [scoreOperation, townsOperation, pickOperation], ...settings },
    execute,
  );
  return { ...face, asked };
}

export const root = 'https://souk.example/data/acme/income/v1';

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly records: number;
  readonly operation: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what came.
  readonly json: any;
}

export async function ask(
  face: ReturnType<typeof newODataFace>,
  path: string,
  init: RequestInit = {},
): Promise<Got> {
  const answered = await face.handle(new Request(`${root}/`, init), { root, path });
  const text = await answered.response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const { status, headers } = answered.response;
  return { status, headers, text, json, records: answered.records, operation: answered.operation };
}

export const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
