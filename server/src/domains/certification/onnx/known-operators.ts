import { newestOpset, operatorVersions, probedRuntime } from './operators.gen.ts';

export const runtimeName = `ONNX Runtime ${probedRuntime}`;

const trainingDomains: readonly string[] = ['ai.onnx.preview.training', 'ai.onnx.training'];

export function isTrainingDomain(domain: string): boolean {
  return trainingDomains.includes(domain);
}

/** True for the domains whose operators the runtime brings along; every other domain is somebody's own. */
export function isRuntimeDomain(domain: string): boolean {
  return operatorVersions[domain] !== undefined;
}

export function newestOpsetOf(domain: string): number | null {
  return newestOpset[domain] ?? null;
}

export type Support =
  | { readonly known: false }
  | {
      readonly known: true;
      /** The definition that the operator set uses: the newest that is not newer than it. */
      readonly definition: number;
      /** `undecided` where the runtime could not be asked; then only loading tells. */
      readonly implemented: 'yes' | 'no' | 'undecided';
    };

/** What the runtime has for an operator under an operator set, from the table that was made by asking it. */
export function supportOf(domain: string, name: string, opset: number): Support {
  let found: Support = { known: false };
  for (const { definition, implemented } of definitionsOf(domain, name)) {
    if (definition <= opset) found = { known: true, definition, implemented };
  }
  return found;
}

/** The oldest operator set from which on the runtime implements an operator; null when it never does. */
export function implementedFrom(domain: string, name: string): number | null {
  return definitionsOf(domain, name).find((one) => one.implemented === 'yes')?.definition ?? null;
}

function definitionsOf(domain: string, name: string) {
  // Names come from a stranger's file: `constructor` must not find Object's own.
  const ofDomain = operatorVersions[domain];
  const text = ofDomain !== undefined && Object.hasOwn(ofDomain, name) ? (ofDomain[name] ?? '') : '';
  return text
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => ({
      definition: Number.parseInt(part, 10),
      implemented: part.endsWith('-')
        ? ('no' as const)
        : part.endsWith('?')
          ? ('undecided' as const)
          : ('yes' as const),
    }));
}
