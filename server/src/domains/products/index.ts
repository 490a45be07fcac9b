export { diffDocuments } from './products.diff.ts';
export { productRoutes } from './products.routes.ts';
export { newProducts, type Products } from './products.service.ts';
export {
  find as findProduct,
  findNaming as findProductNaming,
  lock as lockProduct,
  saveDraft as saveProductDraft,
} from './products.sql.ts';
