import { digitsOf, luhn, mod11x10, mod97, weighted } from './check-digits.ts';

/** A country's VAT number, without its prefix: the form, and the arithmetic of its check digits. */
interface VatRule {
  readonly prefix: string;
  readonly form: RegExp;
  readonly example: string;
  readonly holds: (number: string) => boolean;
}

const last = (n: string) => Number(n.at(-1));
const down = (from: number) => Array.from({ length: from - 1 }, (_, i) => from - i);

const rule = (prefix: string, form: RegExp, example: string, holds: VatRule['holds']): VatRule => ({
  prefix,
  form,
  example,
  holds,
});

/** Every member state, and the United Kingdom, by ISO 3166 code. The prefix differs for Greece. */
export const vatRules: Readonly<Record<string, VatRule>> = {
  AT: rule('AT', /^U\d{8}$/, 'ATU12345675', (n) => {
    const sum = digitsOf(n.slice(1, 8)).reduce(
      (s, d, i) => s + (i % 2 ? Math.trunc(d / 5) + ((d * 2) % 10) : d),
      0,
    );
    return (96 - sum) % 10 === last(n);
  }),
  BE: rule(
    'BE',
    /^[01]?\d{9}$/,
    'BE0123456749',
    (n) => 97 - (Number(n.slice(0, -2)) % 97) === Number(n.slice(-2)),
  ),
  BG: rule('BG', /^\d{9,10}$/, 'BG123456786', bulgarian),
  CY: rule('CY', /^(?!12)[0-59]\d{7}[A-Z]$/, 'CY10259033P', (n) => {
    const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    const sum = digitsOf(n.slice(0, 8)).reduce((s, d, i) => s + (i % 2 ? d : (odd[d] ?? 0)), 0);
    return n.at(-1) === String.fromCharCode(65 + (sum % 26));
  }),
  CZ: rule('CZ', /^\d{8,10}$/, 'CZ12345679', czech),
  DE: rule('DE', /^[1-9]\d{8}$/, 'DE123456788', mod11x10),
  DK: rule('DK', /^[1-9]\d{7}$/, 'DK12345674', (n) => weighted(n, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0),
  EE: rule('EE', /^\d{9}$/, 'EE123456780', (n) => weighted(n, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0),
  ES: rule('ES', /^([A-HJNP-SUVW]\d{7}[0-9A-J]|[\dKLMXYZ]\d{7}[A-Z])$/, 'ESA12345674', spanish),
  FI: rule('FI', /^\d{8}$/, 'FI12345671', (n) => weighted(n, [7, 9, 10, 5, 8, 4, 2, 1]) % 11 === 0),
  FR: rule('FR', /^[0-9A-HJ-NP-Z]{2}\d{9}$/, 'FR40303265045', french),
  GB: rule('GB', /^(\d{9}|\d{12}|GD[0-4]\d\d|HA[5-9]\d\d)$/, 'GB123456782', (n) => {
    if (/^[A-Z]/.test(n)) return true;
    const rest = (weighted(n, down(8)) + Number(n.slice(7, 9))) % 97;
    // Numbers from 100 on may follow one of two newer reckonings.
    return rest === 0 || (!n.startsWith('0') && (rest === 42 || rest === 55));
  }),
  GR: rule(
    'EL',
    /^\d{9}$/,
    'EL123456783',
    (n) => (weighted(n, [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === last(n),
  ),
  HR: rule('HR', /^\d{11}$/, 'HR12345678903', mod11x10),
  HU: rule('HU', /^\d{8}$/, 'HU12345676', (n) => weighted(n, [9, 7, 3, 1, 9, 7, 3, 1]) % 10 === 0),
  IE: rule('IE', /^(\d{7}[A-W][A-IW]?|\d[A-Z+*]\d{5}[A-W])$/, 'IE1234567FA', (n) => {
    // The form before 2013 has a sign or letter in the second place.
    const [digits, letters] = /^\d[A-Z+*]/.test(n)
      ? [`0${n.slice(2, 7)}${n[0]}`, n.slice(7)]
      : [n.slice(0, 7), n.slice(7)];
    const second = letters[1] === undefined || letters[1] === 'W' ? 0 : letters.charCodeAt(1) - 64;
    return 'WABCDEFGHIJKLMNOPQRSTUV'[(weighted(digits, down(8)) + 9 * second) % 23] === letters[0];
  }),
  IT: rule('IT', /^(?!0{7})\d{11}$/, 'IT12345670017', (n) => {
    const office = Number(n.slice(7, 10));
    return ((office > 0 && office < 101) || [120, 121, 888, 999].includes(office)) && luhn(n);
  }),
  LT: rule('LT', /^(\d{7}1\d|\d{10}1\d)$/, 'LT123456715', (n) => {
    const own = n.slice(0, -1);
    const sum = (from: number) => digitsOf(own).reduce((s, d, i) => s + d * (((i + from) % 9) + 1), 0) % 11;
    const first = sum(0);
    return (first < 10 ? first : sum(2) % 10) === last(n);
  }),
  LU: rule('LU', /^\d{8}$/, 'LU12345613', (n) => Number(n.slice(0, 6)) % 89 === Number(n.slice(6))),
  LV: rule('LV', /^\d{11}$/, 'LV41234567891', (n) => {
    if (n.startsWith('32')) return true;
    if (Number(n[0]) > 3) return weighted(n, [9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 === 3;
    return ((1 + weighted(n, [10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11) % 10 === last(n);
  }),
  MT: rule(
    'MT',
    /^[1-9]\d{7}$/,
    'MT12345634',
    (n) => (weighted(n, [3, 4, 6, 7, 8, 9]) + Number(n.slice(6))) % 37 === 0,
  ),
  NL: rule(
    'NL',
    /^\d{9}B(?!00)\d\d$/,
    'NL123456782B01',
    (n) => (weighted(n, down(9)) % 11 === Number(n[8]) && !n.startsWith('000000000')) || mod97(`NL${n}`),
  ),
  PL: rule(
    'PL',
    /^\d{10}$/,
    'PL1234567802',
    (n) => weighted(n, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === last(n),
  ),
  PT: rule(
    'PT',
    /^[1-9]\d{8}$/,
    'PT123456789',
    (n) => ((11 - (weighted(n, down(9)) % 11)) % 11) % 10 === last(n),
  ),
  RO: rule(
    'RO',
    /^[1-9]\d{1,9}$/,
    'RO12345674',
    (n) => ((10 * weighted(n.padStart(10, '0'), [7, 5, 3, 2, 1, 7, 5, 3, 2])) % 11) % 10 === last(n),
  ),
  SE: rule('SE', /^\d{10}(0[1-9]|[1-8]\d|9[0-4])$/, 'SE123456789701', (n) => luhn(n.slice(0, 10))),
  SI: rule('SI', /^[1-9]\d{7}$/, 'SI12345679', (n) => {
    const check = 11 - (weighted(n, down(8)) % 11);
    return check < 11 && check % 10 === last(n);
  }),
  SK: rule('SK', /^[1-9]\d{9}$/, 'SK2021853504', (n) => Number(n) % 11 === 0),
};

export const euCountries: readonly string[] = Object.keys(vatRules).filter((c) => c !== 'GB');

function bulgarian(n: string): boolean {
  if (n.length === 9) {
    const first = weighted(n, [1, 2, 3, 4, 5, 6, 7, 8]) % 11;
    return (first < 10 ? first : (weighted(n, [3, 4, 5, 6, 7, 8, 9, 10]) % 11) % 10) === last(n);
  }
  // People born there, people from elsewhere, and others each have their own arithmetic.
  const other = (11 - (weighted(n, [4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return [
    (weighted(n, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10,
    weighted(n, [21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10,
    other === 10 ? -1 : other,
  ].includes(last(n));
}

function czech(n: string): boolean {
  if (n.length === 8)
    return !n.startsWith('9') && ((11 - (weighted(n, down(8)) % 11)) % 11 || 11) % 10 === last(n);
  if (n.length === 10) return Number(n) % 11 === 0 || (Number(n.slice(0, 9)) % 11 === 10 && last(n) === 0);
  // Nine digits: a person without a birth number, who has a check digit, or a birth number from before 1954, which has none.
  if (!n.startsWith('6')) return Number(n.slice(0, 2)) < 54;
  return (18 - ((10 - (weighted(n.slice(1), down(8)) % 11)) % 11)) % 10 === last(n);
}

function spanish(n: string): boolean {
  const person = (digits: string) => 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] === n.at(-1);
  if (/^\d/.test(n)) return person(n.slice(0, 8));
  if (/^[XYZ]/.test(n)) return person(`${'XYZ'.indexOf(n[0] ?? '')}${n.slice(1, 8)}`);
  if (/^[KLM]/.test(n)) return person(n.slice(1, 8));
  // Which kinds carry a digit and which a letter is told differently by different offices: either is taken.
  const check = company(n);
  return String(check) === n.at(-1) || 'JABCDEFGHI'[check] === n.at(-1);
}

function company(n: string): number {
  const sum = digitsOf(n.slice(1, 8)).reduce((s, d, i) => s + (i % 2 ? d : d > 4 ? 2 * d - 9 : 2 * d), 0);
  return (10 - (sum % 10)) % 10;
}

function french(n: string): boolean {
  const siren = n.slice(2);
  // Monaco uses the form without a SIREN.
  if (!siren.startsWith('000') && !luhn(siren)) return false;
  if (/^\d\d/.test(n)) return (Number(siren) * 100 + 12) % 97 === Number(n.slice(0, 2));
  const alphabet = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';
  const [a, b] = [alphabet.indexOf(n[0] ?? ''), alphabet.indexOf(n[1] ?? '')];
  const check = a < 10 ? a * 24 + b - 10 : a * 34 + b - 100;
  return (Number(siren) + 1 + Math.trunc(check / 11)) % 11 === check % 11;
}
