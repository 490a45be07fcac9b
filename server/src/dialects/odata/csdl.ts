import type { Model, Operation, Parameter } from './model.ts';
import type { EdmField } from './odata.ts';

/**
 * The metadata, once, in the form of CSDL JSON; csdl-xml.ts writes the same as XML. Annotations stand with what they annotate. Only terms of
 * the OASIS vocabularies and the schema's own term for original names are used.
 */
export type Csdl = { readonly [member: string]: unknown };

export const vocabularies = [
  { namespace: 'Org.OData.Core.V1', alias: 'Core' },
  { namespace: 'Org.OData.Validation.V1', alias: 'Validation' },
  { namespace: 'Org.OData.Capabilities.V1', alias: 'Capabilities' },
] as const;
export const vocabularyUrl = (namespace: string, kind: 'xml' | 'json') =>
  `https://oasis-tcs.github.io/odata-vocabularies/vocabularies/${namespace}.${kind}`;

/** Of a value that stands in a record: the record has to say its type. */
const exampleType = `${vocabularyUrl('Org.OData.Core.V1', 'json')}#Core.PrimitiveExampleValue`;

type Annotations = Record<string, unknown>;

const describe = (
  model: Model,
  given: { title?: string | undefined; description?: string | undefined },
): Annotations => ({
  ...(given.title && { [`@${model.namespace}.${model.titleTerm}`]: given.title }),
  ...(given.description && { '@Core.Description': given.description }),
});

const typeOf = (field: EdmField) => ({
  ...(field.type !== 'Edm.String' && { $Type: field.type }),
  ...(field.collection && { $Collection: true }),
  ...(field.nullable && { $Nullable: true }),
  ...(field.type === 'Edm.DateTimeOffset' && { $Precision: 12 }),
});

const restrict = (field: Parameter): Annotations => ({
  ...(field.values && {
    '@Validation.AllowedValues': field.values.map((value) => ({ Value: value })),
  }),
  ...(field.pattern && { '@Validation.Pattern': field.pattern }),
});

const parameterOf = (model: Model, field: Parameter, inAddress: boolean) => ({
  $Name: field.name,
  ...typeOf(field),
  ...(field.lengthMax && field.type === 'Edm.String' && { $MaxLength: field.lengthMax }),
  ...describe(model, field),
  ...restrict(field),
  ...(field.optional &&
    inAddress && {
      '@Core.OptionalParameter': typeof field.default === 'string' ? { DefaultValue: field.default } : {},
    }),
  ...(field.sample !== undefined && {
    '@Core.Example': { '@odata.type': exampleType, Value: field.sample },
  }),
});

const returnOf = (model: Model, operation: Operation, collection: boolean) => ({
  ...(collection && { $Collection: true }),
  $Type: `${model.namespace}.${operation.rowType}`,
  ...(!collection && { $Nullable: true }),
});

function schemaOf(model: Model): Record<string, unknown> {
  const schema: Record<string, unknown> = {
    ...(model.description && { '@Core.Description': model.description }),
    [model.titleTerm]: {
      $Kind: 'Term',
      $AppliesTo: ['Property', 'Parameter', 'Function', 'Action', 'EntitySet'],
      '@Core.Description': 'The name in the service or model behind, where it is no identifier of OData.',
    },
  };
  for (const operation of model.operations) {
    schema[operation.rowType] = {
      $Kind: 'EntityType',
      $Key: operation.key.map(({ name }) => name),
      ...(operation.description && {
        '@Core.Description': `A row of ${operation.name}: ${operation.description}`,
      }),
      ...Object.fromEntries(
        operation.columns.map((column) => [column.name, { ...typeOf(column), ...describe(model, column) }]),
      ),
    };
    if (operation.inputType)
      schema[operation.inputType] = {
        $Kind: 'ComplexType',
        ...Object.fromEntries(
          operation.parameters.map((field) => [
            field.name,
            {
              ...typeOf({ ...field, nullable: field.optional && !field.collection }),
              ...describe(model, field),
              ...restrict(field),
            },
          ]),
        ),
      };
    if (operation.functionName && !operation.isTable)
      schema[operation.functionName] = [
        {
          $Kind: 'Function',
          $IsComposable: true,
          ...describe(model, operation),
          ...(operation.parameters.length && {
            $Parameter: operation.parameters.map((field) => parameterOf(model, field, true)),
          }),
          $ReturnType: returnOf(model, operation, operation.collection),
        },
      ];
    if (operation.actionName)
      schema[operation.actionName] = [
        {
          $Kind: 'Action',
          ...describe(model, operation),
          ...(operation.parameters.length && {
            $Parameter: operation.parameters.map((field) =>
              parameterOf(model, { ...field, nullable: field.optional && !field.collection }, false),
            ),
          }),
          $ReturnType: returnOf(model, operation, operation.collection),
        },
      ];
    if (operation.batchName)
      schema[operation.batchName] = [
        {
          $Kind: 'Action',
          '@Core.Description': `${operation.name} for many sets of values in one call; the rows are answered in their order.`,
          $Parameter: [
            { $Name: 'rows', $Collection: true, $Type: `${model.namespace}.${operation.inputType}` },
          ],
          $ReturnType: returnOf(model, operation, true),
        },
      ];
  }
  return schema;
}

/** A set is read only; what of the query options is understood, clients may read here. */
const readOnly: Annotations = {
  '@Capabilities.InsertRestrictions': { Insertable: false },
  '@Capabilities.UpdateRestrictions': { Updatable: false },
  '@Capabilities.DeleteRestrictions': { Deletable: false },
  '@Capabilities.SearchRestrictions': { Searchable: false },
  '@Capabilities.ExpandRestrictions': { Expandable: false },
};

function containerOf(model: Model): Record<string, unknown> {
  const container: Record<string, unknown> = {
    $Kind: 'EntityContainer',
    '@Capabilities.ConformanceLevel': 'Intermediate',
    '@Capabilities.BatchSupported': false,
    '@Capabilities.FilterFunctions': ['contains', 'endswith', 'startswith'],
  };
  for (const operation of model.operations) {
    if (operation.functionName && operation.isTable)
      container[operation.functionName] = {
        $Collection: true,
        $Type: `${model.namespace}.${operation.rowType}`,
        ...describe(model, operation),
        ...readOnly,
      };
    else if (operation.functionName)
      container[operation.functionName] = {
        $Function: `${model.namespace}.${operation.functionName}`,
        ...(operation.parameters.length === 0 && { $IncludeInServiceDocument: true }),
      };
    for (const action of [operation.actionName, operation.batchName])
      if (action) container[action] = { $Action: `${model.namespace}.${action}` };
  }
  return container;
}

export const csdlOf = (model: Model): Csdl => ({
  $Version: '4.0',
  $EntityContainer: `${model.namespace}.${model.container}`,
  $Reference: Object.fromEntries(
    vocabularies.map(({ namespace, alias }) => [
      vocabularyUrl(namespace, 'json'),
      { $Include: [{ $Namespace: namespace, $Alias: alias }] },
    ]),
  ),
  [model.namespace]: { ...schemaOf(model), [model.container]: containerOf(model) },
});
