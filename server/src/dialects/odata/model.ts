import { isRequired, type ServiceColumn, type ServiceParameter } from '@souk/contract';
import type { EdmField, FaceOperation, FaceSettings } from './odata.ts';

export interface Parameter extends EdmField {
  /** May be left out: there is a default, or null will do. */
  readonly optional: boolean;
  readonly default?: string | null | undefined;
  readonly values?: readonly string[] | undefined;
  readonly sample?: string | undefined;
  readonly pattern?: string | undefined;
  readonly lengthMax?: number | undefined;
}

export interface Operation {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** Named by the function import or entity set (GET) and by the action import (POST); absent where the operation has none. */
  readonly functionName?: string;
  readonly actionName?: string;
  /** The action for many sets of values. */
  readonly batchName?: string;
  readonly inputType?: string;
  readonly isTable: boolean;
  readonly collection: boolean;
  readonly parameters: readonly Parameter[];
  /** The columns with the synthetic key, where there is one, first. */
  readonly columns: readonly EdmField[];
  readonly key: readonly EdmField[];
  /** The column that numbers the rows, where the service has no key. */
  readonly rowNumber: string | undefined;
  readonly rowType: string;
}

export interface Model {
  readonly namespace: string;
  readonly container: string;
  readonly description: string | undefined;
  /** The term for names that the service or model uses and OData does not allow. */
  readonly titleTerm: string;
  readonly operations: readonly Operation[];
  /** By the name in the address. */
  readonly byFunction: ReadonlyMap<string, Operation>;
  readonly byAction: ReadonlyMap<string, Operation>;
  readonly byBatch: ReadonlyMap<string, Operation>;
}

/** Gives each name once: a second wish for the same gets underscores. */
function names(taken: Iterable<string>) {
  const used = new Set(taken);
  return (wish: string) => {
    let name = wish.slice(0, 120);
    while (used.has(name)) name += '_';
    used.add(name);
    return name;
  };
}

const parameter = (given: ServiceParameter): Parameter => {
  // In CSDL everything may be null unless said otherwise; for an input "nothing said" means that the service wants it.
  const nullable = given.nullable === true || given.default === null;
  return {
    name: given.name,
    type: given.type,
    collection: given.collection ?? false,
    nullable,
    title: given.title,
    description: given.description,
    optional: !isRequired(given),
    default: given.default,
    values: given.values?.length ? given.values : undefined,
    sample: given.sample,
    pattern: given.pattern,
    lengthMax: given.lengthMax,
  };
};

const column = (given: ServiceColumn): EdmField => ({
  name: given.name,
  type: given.type,
  collection: given.collection ?? false,
  // A key is never null; and a list may be empty, but is there.
  nullable: !given.key && !given.collection && (given.nullable ?? true),
  title: given.title,
  description: given.description,
});

const keyTypes = new Set(['Edm.String', 'Edm.Boolean', 'Edm.Int16', 'Edm.Int32', 'Edm.Int64', 'Edm.Decimal']);
const mayBeKey = ({ type, collection, key }: ServiceColumn) =>
  key && !collection && (keyTypes.has(type) || /Date|Guid/.test(type));

/** What clients see of the operations. Every row has a key, since typed clients make nothing of entity types without one. */
export function newModel(settings: FaceSettings): Model {
  const { namespace, operations } = settings;
  const inContainer = names(operations.map(({ name }) => name));
  const inSchema = names([...operations.map(({ name }) => name), 'Container', 'OriginalName']);

  const build = (given: FaceOperation): Operation => {
    const parameters = given.parameters.map(parameter);
    const isTable =
      given.kind !== 'action' &&
      given.collection &&
      (settings.entitySets?.includes(given.name) ?? given.parameters.length === 0) &&
      parameters.every(({ optional }) => optional);
    const keyed = given.columns.filter(mayBeKey).map(({ name }) => name);
    const rowNumber = keyed.length ? undefined : names(given.columns.map(({ name }) => name))('RowId');
    const columns: EdmField[] = given.columns.map(column);
    if (rowNumber)
      columns.unshift({
        name: rowNumber,
        type: 'Edm.Int32',
        collection: false,
        nullable: false,
        description: 'The number of the row in the answer, from 1; it names the row within this answer only.',
      });
    const hasBatch = given.batch && given.kind !== 'function' && parameters.length > 0;
    const actionName =
      given.kind === 'action'
        ? given.name
        : given.kind === 'both'
          ? inContainer(`${given.name}Post`)
          : undefined;
    return {
      name: given.name,
      title: given.title,
      description: given.description,
      ...(given.kind !== 'action' && { functionName: given.name }),
      ...(actionName && { actionName }),
      ...(hasBatch && {
        batchName: inContainer(`${given.name}Batch`),
        inputType: inSchema(`${given.name}Input`),
      }),
      isTable,
      collection: given.collection,
      parameters,
      columns,
      key: columns.filter(({ name }) => (rowNumber ? name === rowNumber : keyed.includes(name))),
      rowNumber,
      rowType: inSchema(`${given.name}Row`),
    };
  };

  const built = operations.map(build);
  const index = (key: 'functionName' | 'actionName' | 'batchName') =>
    new Map(built.flatMap((operation) => (operation[key] ? [[operation[key], operation] as const] : [])));
  const byFunction = index('functionName');
  const byAction = index('actionName');
  // Whoever knows the operation by its name posts to its name: the older data services had one address for both.
  for (const operation of built)
    if (operation.actionName && !byAction.has(operation.name)) byAction.set(operation.name, operation);
  return {
    namespace,
    container: 'Container',
    description: settings.description,
    titleTerm: 'OriginalName',
    operations: built,
    byFunction,
    byAction,
    byBatch: index('batchName'),
  };
}
