import { isKeyForm, keyHint } from '@souk/contract';

/**
 * What a stranger said about the place, as its owner will read it: one line, nothing invisible, and no key in it, since an address often
 * carries the key that was found there.
 */
export function cleanPlace(text: string | undefined): string | null {
  const clean = (text ?? '')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replace(/souk_[0-9A-Za-z]{38}/g, (found) => (isKeyForm(found) ? keyHint(found) : found))
    .trim();
  return clean === '' ? null : clean;
}

/** A key as people paste it: with the quotes or the space around it. */
export const trimmedKey = (text: string): string => text.replace(/^[\s"'`]+|[\s"'`,;]+$/g, '');
