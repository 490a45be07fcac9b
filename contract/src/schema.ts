import { type TSchema, Type } from 'typebox';

/** A closed set of words. Schemas with a `title` become named components of the OpenAPI document. */
export const oneOf = <const T extends string[]>(values: readonly [...T], description?: string) =>
  Type.Enum(values, description ? { description } : {});

/** An object that refuses unknown fields and, with a title, is named in the OpenAPI document. */
export const record = <P extends Record<string, TSchema>>(title: string, properties: P) =>
  Type.Object(properties, { title, additionalProperties: false });

/** The same without a name, for bodies and small parts. */
export const fields = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Timestamp = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' });
export const AccountId = Type.String({ pattern: '^[0-9]{12}$', description: '12-digit account id' });
export const Slug = Type.String({
  pattern: '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$',
  description: 'lower-case letters, digits and inner hyphens, 1 to 63 characters',
});
export const Sha256 = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256, lower-case hexadecimal',
});
export const Decimal = Type.String({
  pattern: '^-?[0-9]{1,12}(?:\\.[0-9]{1,12})?$',
  description: 'decimal number as a string; never a float',
});
/** As `Decimal`, zero or more. */
export const Price = Type.String({
  pattern: '^[0-9]{1,12}(?:\\.[0-9]{1,12})?$',
  description: 'decimal number, zero or more, as a string; never a float',
});
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' });
export const Url = Type.String({ format: 'uri', maxLength: 2048 });
export const Email = Type.String({ format: 'email', maxLength: 254 });

export const idOf = (prefix: string) => Type.String({ pattern: `^${prefix}_[0-9a-z]{16,32}$` });

/** One page of a list; `nextCursor` is null on the last. */
export const pageOf = <T extends TSchema>(title: string, item: T) =>
  record(title, { items: Type.Array(item), nextCursor: nullable(Type.String()) });

export const PageQuery = {
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
};
