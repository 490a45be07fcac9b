import type { CatalogItem } from '../../api/types.ts';

export const typeWords: Record<CatalogItem['type'], string> = {
  'model-package': 'Model package',
  algorithm: 'Algorithm',
  'web-service': 'Web service',
  application: 'Application',
};

export const priceKindWords: Record<CatalogItem['priceKind'], string> = {
  free: 'Free',
  usage: 'Pay per call',
};
