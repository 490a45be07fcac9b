/** Arithmetic of check digits, as the rules of countries and banks describe it. */
export const digitsOf = (text: string): number[] => [...text].map(Number);

/** Sum of each digit times its weight; digits beyond the weights do not count. */
export const weighted = (text: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, i) => sum + weight * Number(text[i] ?? 0), 0);

/** Luhn: every second digit from the right doubled, digits added, a multiple of ten. */
export function luhn(text: string): boolean {
  const sum = digitsOf(text)
    .reverse()
    .reduce((n, d, i) => n + (i % 2 === 0 ? d : d > 4 ? 2 * d - 9 : 2 * d), 0);
  return sum % 10 === 0;
}

/** ISO 7064 MOD 11,10 over digits, the last of which is the check digit. */
export function mod11x10(text: string): boolean {
  let check = 5;
  for (const digit of digitsOf(text)) check = ((((check || 10) * 2) % 11) + digit) % 10;
  return check === 1;
}

/** ISO 7064 MOD 97-10: letters count as 10 to 35; the remainder is 1. */
export function mod97(text: string): boolean {
  let rest = 0;
  for (const digit of [...text].map((c) => Number.parseInt(c, 36)).join(''))
    rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}
