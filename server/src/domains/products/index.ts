export { diffDocuments } from './products.diff.ts';
export { productRoutes } from './products.routes.ts';
export { newProducts, type Products } from './products.service.ts';
export { findNaming as findProductNaming } from './products.sql.ts';
