import type { HyperParameter, TuningRange } from '@souk/contract';

/** One hyperparameter that is tuned, as coordinates between 0 and 1: searches know nothing else of it. */
export interface Side {
  readonly name: string;
  readonly width: number;
  encode(value: string): number[];
  decode(at: readonly number[]): string;
}

export function sidesOf(declared: readonly HyperParameter[], ranges: readonly TuningRange[]): Side[] {
  return ranges.map((r) => {
    const h = declared.find((d) => d.name === r.name);
    if (!h) throw new Error(`the range of ${r.name} was not checked`);
    if (h.type === 'Categorical') return categorical(r.name, r.values ?? h.range?.values ?? []);
    const [min, max] = [Number(r.min ?? h.range?.min), Number(r.max ?? h.range?.max)];
    return numeric(r.name, min, max, h.type === 'Integer', r.scaling ?? 'Linear');
  });
}

/** One coordinate for each value: no value lies between two others. */
const categorical = (name: string, values: readonly string[]): Side => ({
  name,
  width: values.length,
  encode: (value) => values.map((v) => (v === value ? 1 : 0)),
  decode: (at) => values[at.reduce((best, u, i) => (u > (at[best] ?? 0) ? i : best), 0)] ?? '',
});

function numeric(
  name: string,
  min: number,
  max: number,
  whole: boolean,
  scaling: 'Linear' | 'Logarithmic' | 'ReverseLogarithmic',
): Side {
  // An integer's ends are as likely as what lies between: each has a whole unit, half of it beyond the end.
  const [low, high] = whole && scaling === 'Linear' ? [min - 0.5, max + 0.5] : [min, max];
  const to = {
    Linear: (x: number) => x,
    Logarithmic: Math.log,
    ReverseLogarithmic: (x: number) => -Math.log(1 - x),
  }[scaling];
  const from = {
    Linear: (u: number) => u,
    Logarithmic: Math.exp,
    ReverseLogarithmic: (u: number) => 1 - Math.exp(-u),
  }[scaling];
  const [a, b] = [to(low), to(high)];
  return {
    name,
    width: 1,
    encode: (value) => [Math.min(1, Math.max(0, (to(Number(value)) - a) / (b - a)))],
    decode: ([u = 0]) => {
      const x = Math.min(max, Math.max(min, from(a + u * (b - a))));
      return whole
        ? `${Math.min(max, Math.max(min, Math.round(x)))}`
        : `${Math.min(max, Math.max(min, Number(x.toPrecision(6))))}`;
    },
  };
}

export const encode = (sides: readonly Side[], values: Readonly<Record<string, string>>): number[] =>
  sides.flatMap((s) => s.encode(values[s.name] ?? ''));

export function decode(sides: readonly Side[], at: readonly number[]): Record<string, string> {
  const values: Record<string, string> = {};
  let begin = 0;
  for (const s of sides) {
    values[s.name] = s.decode(at.slice(begin, begin + s.width));
    begin += s.width;
  }
  return values;
}
