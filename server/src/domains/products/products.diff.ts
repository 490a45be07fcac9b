import { type DocumentChange, type ProductDocument, placeOf } from '@souk/contract';
import { canonicalJson } from '../../platform/canonical-json.ts';

/**
 * What differs between two documents. Versions are matched by their number and plans by their id, not by their place in the
 * list: inserting one must not make all others look edited. Pointers are those of the document that has the value: the new one,
 * or the old one for what was removed.
 */
export function diffDocuments(before: ProductDocument, after: ProductDocument): DocumentChange[] {
  return diff(before, after, '', '').map((c) => ({
    ...c,
    place: placeOf(c.pointer, c.kind === 'removed' ? before : after),
  }));
}

type Change = Omit<DocumentChange, 'place'>;

const identities: Readonly<Record<string, string>> = { '/versions': 'number', '/plans': 'id' };

function diff(before: unknown, after: unknown, pointerBefore: string, pointerAfter: string): Change[] {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return [];
  if (before === undefined || before === null) return [{ pointer: pointerAfter, kind: 'added', after }];
  if (after === undefined || after === null) return [{ pointer: pointerBefore, kind: 'removed', before }];
  if (Array.isArray(before) && Array.isArray(after))
    return diffLists(before, after, pointerBefore, pointerAfter);
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((n) =>
      diff(before[n], after[n], `${pointerBefore}/${token(n)}`, `${pointerAfter}/${token(n)}`),
    );
  }
  return [{ pointer: pointerAfter, kind: 'edited', before, after }];
}

function diffLists(
  before: readonly unknown[],
  after: readonly unknown[],
  pointerBefore: string,
  pointerAfter: string,
): Change[] {
  const identity = identities[pointerAfter];
  const [keysBefore, keysAfter] = [keysOf(before, identity), keysOf(after, identity)];
  const changes = after.flatMap((item, i) => {
    const at = keysBefore.indexOf(keysAfter[i] ?? '');
    return diff(before[at], item, `${pointerBefore}/${at}`, `${pointerAfter}/${i}`);
  });
  before.forEach((item, i) => {
    if (!keysAfter.includes(keysBefore[i] ?? ''))
      changes.push({ pointer: `${pointerBefore}/${i}`, kind: 'removed', before: item });
  });
  const [kept, ordered] = [
    keysBefore.filter((key) => keysAfter.includes(key)),
    keysAfter.filter((key) => keysBefore.includes(key)),
  ];
  if (kept.some((key, i) => key !== ordered[i]))
    changes.push({ pointer: pointerAfter, kind: 'edited', before: keysBefore, after: keysAfter });
  return changes;
}

/** By name where elements have one; an element without, or with one that is taken, goes by its place. */
function keysOf(list: readonly unknown[], identity: string | undefined): string[] {
  const keys: string[] = [];
  list.forEach((item, i) => {
    const name = identity && isObject(item) ? item[identity] : undefined;
    keys.push(typeof name === 'string' && !keys.includes(name) ? name : `#${i + 1}`);
  });
  return keys;
}

const isObject = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && !Array.isArray(v);
const token = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
