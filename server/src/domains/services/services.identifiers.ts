/**
 * Names of services and models (`Scored Labels`, `marital-status`) as identifiers of OData: the same name gives the same identifier, and no
 * two names of one list the same, by case neither.
 */
export function newIdentifiers() {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  /** `key` tells things of one name apart that stand in different places. */
  return (name: string, key = name): string => {
    const known = given.get(key);
    if (known !== undefined) return known;
    const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
      ? name.slice(0, 120)
      : name
          .normalize('NFKD')
          .replace(/\p{M}/gu, '')
          .replace(/[^A-Za-z0-9]+/g, '_')
          .replace(/^_+(?=.)|(?<=.)_+$/g, '')
          .slice(0, 120);
    const start = /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
    let made = start;
    for (let n = 2; taken.has(made.toLowerCase()); n++) made = `${start}_${n}`;
    taken.add(made.toLowerCase());
    given.set(key, made);
    return made;
  };
}

export type Identifiers = ReturnType<typeof newIdentifiers>;

/** With the original as title, where it differs. */
export const named = (identifiers: Identifiers, name: string, key = name) => {
  const made = identifiers(name, key);
  return made === name ? { name: made } : { name: made, title: name.slice(0, 255) };
};
