import type { ServiceOperation } from './services.ts';

/**
 * `{name}` in a request stands for a parameter, `{$skip}` and its like for the page. Braces around anything else are text: bodies are
 * often JSON.
 */
export const placeholder = /\{(\$?[A-Za-z_][A-Za-z0-9_]*)\}/g;

export const placeholdersOf = (text: string): string[] => [
  ...new Set([...text.matchAll(placeholder)].map((m) => m[1] ?? '')),
];

/** The places of a request where a placeholder may stand, with their pointers under the request. */
export function templatesOf({ request }: Pick<ServiceOperation, 'request'>) {
  return [
    { at: '/path', text: request.path },
    ...(request.headers ?? []).map((h, i) => ({ at: `/headers/${i}/value`, text: h.value })),
    ...(request.body ? [{ at: '/body', text: request.body }] : []),
  ];
}

export const pagingPlaceholders = {
  'skip-take': ['$skip', '$take'],
  'page-size': ['$page', '$size'],
} as const;
