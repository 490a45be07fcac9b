/** Editing one place of a list without touching the others. */
export const replaceAt = <T>(list: readonly T[], index: number, value: T): T[] =>
  list.map((item, i) => (i === index ? value : item));

export const removeAt = <T>(list: readonly T[], index: number): T[] => list.filter((_, i) => i !== index);
