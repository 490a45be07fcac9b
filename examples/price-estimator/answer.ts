import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSet } from './entity-sets.ts';
import { estimate } from './estimate.ts';
import { districts, type Flat, fromCsv } from './flats.ts';
import { callArguments } from './literals.ts';
import { metadata, serviceDocument } from './metadata.ts';
import { Refusal } from './refusal.ts';
import { readModel } from './train.ts';

const model = readModel();
const sales = fromCsv(readFileSync(join(import.meta.dirname, 'sales.csv'), 'utf8')).map((s) => ({ ...s }));

const sets: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  Sales: sales,
  Districts: Object.keys(districts).map((Name) => {
    const perSqm = sales
      .filter((s) => s.District === Name)
      .map((s) => s.PriceEur / s.AreaSqm)
      .sort((a, b) => a - b);
    return {
      Name,
      Sales: perSqm.length,
      MedianEurPerSqm: Math.round(perSqm[Math.floor(perSqm.length / 2)] ?? 0),
    };
  }),
};

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const flatsMax = 1000;
const json = (body: unknown, status = 200): Answer => ({
  status,
  contentType: 'application/json;odata.metadata=minimal',
  body: JSON.stringify(body),
});

/** One request under the service's root; `path` begins behind it. */
export function answer(
  method: string,
  path: string,
  query: URLSearchParams,
  body: string,
  root: string,
): Answer {
  try {
    return answered(method, path, query, body, root);
  } catch (error) {
    if (error instanceof Refusal) return json(error.body, error.status);
    throw error;
  }
}

function answered(method: string, path: string, query: URLSearchParams, body: string, root: string): Answer {
  if (method === 'POST' && path === '/EstimatePrices') {
    const value = flatsOf(body).map((flat) => estimate(model, flat));
    return json({ '@odata.context': `${root}/$metadata#Collection(PriceEstimator.Estimate)`, value });
  }
  if (method !== 'GET') throw new Refusal(405, 'MethodNotAllowed', `${method} is not offered here.`);
  if (path === '' || path === '/') return json(serviceDocument(root));
  if (path === '/$metadata') return { status: 200, contentType: 'application/xml', body: metadata };
  const call = /^\/EstimatePrice(?:\((.*)\))?$/.exec(path);
  if (call) {
    const found = estimate(model, flatOf(callArguments(call[1], query), ''));
    return json({ '@odata.context': `${root}/$metadata#PriceEstimator.Estimate`, ...found });
  }
  const rows = sets[path.slice(1)];
  if (!rows) throw new Refusal(404, 'NotFound', `There is no ${path.slice(0, 100)}.`);
  return json(readSet(path.slice(1), rows, query, root));
}

function flatsOf(body: string): Flat[] {
  let flats: unknown;
  try {
    flats = (JSON.parse(body) as { Flats?: unknown } | null)?.Flats;
  } catch {
    throw new Refusal(400, 'InvalidBody', 'The body is not JSON.');
  }
  if (!Array.isArray(flats)) throw new Refusal(400, 'InvalidBody', 'Send {"Flats": [...]}.', 'Flats');
  if (flats.length > flatsMax)
    throw new Refusal(400, 'TooManyFlats', `At most ${flatsMax} flats in one call.`, 'Flats');
  return flats.map((flat, i) => flatOf((flat ?? {}) as Record<string, unknown>, `Flats/${i}/`));
}

const ranges: readonly (readonly [keyof Flat, number, number, boolean])[] = [
  ['AreaSqm', 10, 500, false],
  ['Rooms', 1, 20, true],
  ['YearBuilt', 1800, 2030, true],
  ['Floor', 0, 60, true],
];

function flatOf(given: Record<string, unknown>, at: string): Flat {
  if (!Object.hasOwn(districts, String(given.District)))
    throw new Refusal(
      400,
      'UnknownDistrict',
      `District is one of ${Object.keys(districts).join(', ')}.`,
      `${at}District`,
    );
  for (const [name, from, to, isWhole] of ranges) {
    const value = given[name];
    if (typeof value !== 'number' || value < from || value > to || (isWhole && !Number.isInteger(value)))
      throw new Refusal(
        400,
        'OutOfRange',
        `${name} is a ${isWhole ? 'whole ' : ''}number from ${from} to ${to}.`,
        `${at}${name}`,
      );
  }
  if (typeof given.Balcony !== 'boolean')
    throw new Refusal(400, 'WrongType', 'Balcony is true or false.', `${at}Balcony`);
  return given as unknown as Flat;
}
