export interface Problem {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A problem within one of several alternatives (`anyOf`): which ones, and which of them. */
const alternative = /^(?<union>.*\/anyOf)\/(?<index>\d+)(?:\/|$)/;

/**
 * Of things that are told apart by their `kind` (parts of a plan), only what is wrong with the kind that was written is said: the
 * other alternatives would ask for fields that nobody meant. Where no kind fits, only that is said.
 */
export function ofWrittenKind(
  problems: readonly Problem[],
  alternatives: (union: string) => number,
): Problem[] {
  const otherKinds = new Map<string, { union: string; place: string; kinds: Map<string, unknown> }>();
  for (const p of problems) {
    const { union = '', index = '' } = alternative.exec(p.schemaPath)?.groups ?? {};
    if (p.keyword !== 'const' || !p.schemaPath.endsWith('/properties/kind') || !union) continue;
    const place = p.instancePath.slice(0, -'/kind'.length);
    const key = `${place} ${union}`;
    const one = otherKinds.get(key) ?? { union, place, kinds: new Map() };
    one.kinds.set(index, p.params.allowedValue);
    otherKinds.set(key, one);
  }
  const kept = problems.filter((p) => {
    const { union, index = '' } = alternative.exec(p.schemaPath)?.groups ?? {};
    return ![...otherKinds.values()].some(
      (o) =>
        o.union === union &&
        o.kinds.has(index) &&
        (p.instancePath === o.place || p.instancePath.startsWith(`${o.place}/`)),
    );
  });
  const unknown = [...otherKinds.values()].filter((o) => o.kinds.size === alternatives(o.union));
  return [
    ...kept,
    ...unknown.map((o) => ({
      keyword: 'enum',
      schemaPath: o.union,
      instancePath: `${o.place}/kind`,
      params: { allowedValues: [...o.kinds.values()] },
      message: 'must be one of these',
    })),
  ];
}
