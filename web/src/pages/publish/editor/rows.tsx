import { Children, type ReactNode } from 'react';

/** A list of the document has no identity but its order, so the order is the key. */
export function Rows<T>({
  of,
  children,
}: {
  of: readonly T[];
  children: (item: T, index: number) => ReactNode;
}) {
  return Children.toArray(of.map(children));
}
