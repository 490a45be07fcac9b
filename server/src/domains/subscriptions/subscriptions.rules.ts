/** The version that somebody asks for, if it may be chosen; `latest` where nothing or that is said. */
export function chosenVersion(
  wanted: string | undefined,
  offered: { readonly choosable: readonly string[]; readonly latest: string | null },
): string | undefined {
  const version = wanted === undefined || wanted === 'latest' ? offered.latest : wanted;
  return version && offered.choosable.includes(version) ? version : undefined;
}
