/** The image that runs a package, and what is set in it; `''` where Souk's own server does. */
export interface ContainerForm {
  readonly image: string;
  readonly environment: string;
}

export const noContainer: ContainerForm = { image: '', environment: '' };

/** As the API takes it; lines that set nothing are left out. */
export function containerOf({ image, environment }: ContainerForm) {
  const pairs = environment
    .split('\n')
    .map((line) => /^\s*([a-zA-Z_][a-zA-Z0-9_]*)=(.*)$/.exec(line))
    .flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? ''] as const] : []));
  return { image, ...(pairs.length > 0 ? { environment: Object.fromEntries(pairs) } : {}) };
}
