import { changesTextsOnly, type DocumentChange, type ProductDocument } from '@souk/contract';
import { diffDocuments } from '../products/index.ts';

/** What must be tried in a preview before buyers get it; everything that is not texts, media or prices. */
export const changesToTry = (before: ProductDocument, after: ProductDocument): DocumentChange[] =>
  diffDocuments(before, after).filter((c) => !changesTextsOnly(c.pointer));

/** Whether a revision changes nothing but texts, media and prices of another. */
export const changesTexts = (before: ProductDocument, after: ProductDocument): boolean =>
  changesToTry(before, after).length === 0;
