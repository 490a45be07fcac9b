/** A flat, as it is described to the service, and what was paid for one. */
export interface Flat {
  readonly District: string;
  readonly AreaSqm: number;
  readonly Rooms: number;
  readonly YearBuilt: number;
  readonly Floor: number;
  readonly Balcony: boolean;
}

export interface Sale extends Flat {
  readonly Id: number;
  readonly SoldOn: string;
  readonly PriceEur: number;
}

/** Invented districts of an invented town, with what a square metre costs in an ordinary flat there. */
export const districts: Readonly<Record<string, number>> = {
  Altstadt: 6900,
  Bahnhof: 4300,
  Gartenstadt: 5200,
  Hafen: 5600,
  Lindenhof: 4700,
  Messe: 4100,
  Nordend: 5900,
  Osterfeld: 3600,
  Rosenberg: 6300,
  Schlachthof: 4500,
  Uferpark: 7400,
  Westend: 6600,
};

/** A small generator of numbers in [0, 1): the same seed gives the same town. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Sums of twelve uniform numbers are close enough to a normal distribution for prices. */
const normal = (next: () => number) => Array.from({ length: 12 }, next).reduce((sum, n) => sum + n, -6);

/**
 * Sales of an invented town. Nobody's data could be shipped with a program, so the prices follow a rule that is written here, with
 * a tenth of chance: what the model learns can be held against it.
 */
export function inventedSales(count: number, seed: number): Sale[] {
  const next = numbers(seed);
  const pick = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const names = Object.keys(districts);
  return Array.from({ length: count }, (_, i) => {
    const District = names[pick(0, names.length - 1)] as string;
    const Rooms = pick(1, 5);
    const AreaSqm = Math.round((18 + Rooms * 19 + normal(next) * 6) * 2) / 2;
    const YearBuilt = pick(1900, 2024);
    const Floor = pick(0, 8);
    const Balcony = next() < 0.6;
    const perSqm =
      (districts[District] as number) *
      (1 + (YearBuilt - 1970) * 0.002) *
      (1 + Floor * 0.008) *
      (Balcony ? 1.04 : 1) *
      (AreaSqm / 70) ** -0.12;
    const PriceEur = Math.round((perSqm * AreaSqm * Math.exp(normal(next) * 0.1)) / 500) * 500;
    const SoldOn = new Date(Date.UTC(2025, 0, 1 + pick(0, 600))).toISOString().slice(0, 10);
    return { Id: i + 1, District, AreaSqm, Rooms, YearBuilt, Floor, Balcony, SoldOn, PriceEur };
  });
}

const columns = [
  'Id',
  'District',
  'AreaSqm',
  'Rooms',
  'YearBuilt',
  'Floor',
  'Balcony',
  'SoldOn',
  'PriceEur',
] as const;

export const toCsv = (sales: readonly Sale[]) =>
  `${columns.join(',')}\n${sales.map((sale) => columns.map((c) => sale[c]).join(',')).join('\n')}\n`;

export function fromCsv(text: string): Sale[] {
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [Id, District = '', AreaSqm, Rooms, YearBuilt, Floor, Balcony, SoldOn = '', PriceEur] =
        line.split(',');
      return {
        Id: Number(Id),
        District,
        AreaSqm: Number(AreaSqm),
        Rooms: Number(Rooms),
        YearBuilt: Number(YearBuilt),
        Floor: Number(Floor),
        Balcony: Balcony === 'true',
        SoldOn,
        PriceEur: Number(PriceEur),
      };
    });
}
