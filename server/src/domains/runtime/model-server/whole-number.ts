/** A whole number from the command line, refused in words that name the option. */
export function readWholeNumber(option: string, text: string, min: number): number {
  const value = Number(text);
  if (text === '' || !Number.isSafeInteger(value) || value < min)
    throw new Error(`${option} takes a whole number from ${min} on, not "${text}"`);
  return value;
}
