import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A larger training set than the irises: stands of forest, and the kind of tree that grows there. Made up, but as such data are: the rule
 * is not linear, one in twelve stands was planted against it, and some columns say nothing. The same numbers on every machine.
 *   node examples/forest-algorithm/generate.ts [FOLDER] [ROWS]
 */
export const columns = [
  'elevation_m',
  'slope_deg',
  'aspect_deg',
  'soil_moisture',
  'soil_ph',
  'soil_depth_cm',
  'mean_temperature_c',
  'rain_mm',
  'frost_days',
  'sunshine_h',
  'wind_m_s',
  'distance_to_water_m',
  'distance_to_road_m',
  'plot_number',
] as const;
const kinds = ['beech', 'oak', 'pine', 'spruce'] as const;

export function* stands(rows: number, seed: number): Generator<string> {
  const next = random(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  yield `${[...columns, 'kind'].join(',')}\n`;
  for (let row = 0; row < rows; row++) {
    const elevation = 100 + 1900 * next() ** 1.4;
    const slope = 45 * next() ** 2;
    const aspect = 360 * next();
    const moisture = Math.min(1, Math.max(0, 0.5 + 0.2 * normal() - slope / 200));
    const ph = 5.5 + 1.1 * normal();
    const depth = Math.max(5, 90 - slope + 25 * normal());
    const temperature = 11.5 - elevation * 0.0058 + 0.8 * normal();
    const rain = 620 + elevation * 0.42 + 120 * normal();
    const frost = Math.max(0, 70 + elevation * 0.055 + 9 * normal());
    const values = [
      [elevation, 0],
      [slope, 1],
      [aspect, 0],
      [moisture, 3],
      [ph, 2],
      [depth, 0],
      [temperature, 2],
      [rain, 0],
      [frost, 0],
      [1500 + 400 * Math.cos((aspect - 180) * (Math.PI / 180)) + 80 * normal(), 0],
      [2 + elevation / 700 + Math.abs(normal()), 1],
      [900 * next() * (1.2 - moisture), 0],
      [3000 * next(), 0],
      [1 + Math.floor(9999 * next()), 0],
    ] as const;
    const southern = Math.cos((aspect - 180) * (Math.PI / 180)) > 0.2;
    const grows =
      temperature < 5.2
        ? 'spruce'
        : ph < 4.9 || (depth < 55 && southern)
          ? 'pine'
          : moisture > 0.55 === rain > 1000
            ? 'beech'
            : temperature > 7.6
              ? 'oak'
              : 'beech';
    const kind = next() < 1 / 12 ? kinds[Math.floor(next() * kinds.length)] : grows;
    yield `${values.map(([value, digits]) => value.toFixed(digits)).join(',')},${kind}\n`;
  }
}

/** mulberry32: 32 bits of state, the same everywhere. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = '.', rows = '20000'] = process.argv.slice(2);
  writeFileSync(join(folder, 'stands-train.csv'), [...stands(Number(rows), 1)].join(''));
  writeFileSync(join(folder, 'stands-validation.csv'), [...stands(Math.round(Number(rows) / 4), 2)].join(''));
}
