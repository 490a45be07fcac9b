import { type BodyOf, operations } from '@souk/contract';
import { Failure } from '../failure.ts';

type Creatable = BodyOf<typeof operations.createProduct>['type'];
const creatable: readonly string[] = operations.createProduct.body.properties.type.enum;
const isCreatable = (type: string | undefined): type is Creatable =>
  type !== undefined && creatable.includes(type);

/** The type of a product that is to be made, as the marketplace of this release takes it. */
export function creatableType(type: string | undefined): Creatable {
  if (isCreatable(type)) return type;
  throw new Failure({
    kind: 'invalid',
    code: 'cli.product_type',
    message: `Products of type ${type} cannot be published here yet.`,
    remedy: `This release takes ${creatable.join(', ')}.`,
  });
}
