import type { CatalogProduct } from '../../api/types.ts';

type Leaving = Pick<NonNullable<CatalogProduct['leaving']>, 'kind' | 'endsAt'>;

/** A product can be at its end and leave, too: what stops the calls first is said, and only that. Null: they are not the same thing. */
export function endsFirst(
  sunset: { readonly endsAt: string } | null,
  leaving: Leaving | null,
): 'sunset' | 'leaving' | null {
  if (!sunset || !leaving || leaving.kind === 'take-down' || !leaving.endsAt) return null;
  return Date.parse(sunset.endsAt) < Date.parse(leaving.endsAt) ? 'sunset' : 'leaving';
}
