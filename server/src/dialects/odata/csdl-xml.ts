import { type Csdl, vocabularies, vocabularyUrl } from './csdl.ts';

type Node = Record<string, unknown>;
type Attributes = Record<string, string | number | boolean | undefined>;

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};
const text = (value: unknown) =>
  String(value)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 cannot hold, even escaped, is left out.
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\r/g, '')
    .replaceAll(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD')
    .replaceAll(/[&<>"\n]/g, (char) => escapes[char] ?? char);

function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${text(value)}"`]))
    .join('');
  const inside = children.join('');
  return inside ? `<${name}${written}>${inside}</${name}>` : `<${name}${written}/>`;
}

/** A constant as an attribute of the annotation or property value, anything else as a child element. */
function expression(name: string, attributes: Attributes, value: unknown): string {
  if (typeof value === 'string') return element(name, { ...attributes, String: value });
  if (typeof value === 'boolean') return element(name, { ...attributes, Bool: value });
  if (Array.isArray(value))
    return element(name, attributes, element('Collection', {}, ...value.map((item) => child(item))));
  return element(name, attributes, child(value));
}

function child(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return element('String', {}).replace('/>', `>${text(value)}</String>`);
  const { '@odata.type': type, ...members } = value as Node;
  return element(
    'Record',
    { Type: typeof type === 'string' ? type.slice(type.indexOf('#') + 1) : undefined },
    ...Object.entries(members).map(([property, given]) =>
      expression('PropertyValue', { Property: property }, given),
    ),
  );
}

/** Enumeration values are written apart: the vocabulary says their type. */
const enumerations: Record<string, string> = {
  '@Capabilities.ConformanceLevel': 'Org.OData.Capabilities.V1.ConformanceLevelType/',
};

const annotations = (node: Node) =>
  Object.entries(node)
    .filter(([key]) => key.startsWith('@'))
    .map(([key, value]) =>
      enumerations[key]
        ? element('Annotation', { Term: key.slice(1), EnumMember: `${enumerations[key]}${value}` })
        : expression('Annotation', { Term: key.slice(1) }, value),
    );

function facets(node: Node): Attributes {
  const type = (node.$Type as string | undefined) ?? 'Edm.String';
  return {
    Type: node.$Collection ? `Collection(${type})` : type,
    // Of a list, the attribute would speak of its members; of a list of entities nothing may be said.
    Nullable: node.$Nullable ? undefined : 'false',
    MaxLength: node.$MaxLength as number | undefined,
    Precision: node.$Precision as number | undefined,
    // What JSON takes for granted, XML takes for none.
    Scale: type === 'Edm.Decimal' ? 'variable' : undefined,
  };
}

const members = (node: Node) =>
  Object.entries(node).filter(([key]) => !key.startsWith('@') && !key.startsWith('$')) as [string, Node][];

function operation(name: string, overload: Node): string {
  const result = facets(overload.$ReturnType as Node);
  return element(
    overload.$Kind as string,
    { Name: name, IsComposable: overload.$IsComposable as boolean | undefined },
    ...((overload.$Parameter ?? []) as Node[]).map((parameter) =>
      element(
        'Parameter',
        { Name: parameter.$Name as string, ...facets(parameter) },
        ...annotations(parameter),
      ),
    ),
    element('ReturnType', (overload.$ReturnType as Node).$Collection ? { Type: result.Type } : result),
    ...annotations(overload),
  );
}

function structure(name: string, node: Node): string {
  const key = node.$Key as string[] | undefined;
  return element(
    node.$Kind as string,
    { Name: name },
    key ? element('Key', {}, ...key.map((property) => element('PropertyRef', { Name: property }))) : '',
    ...members(node).map(([property, given]) =>
      element('Property', { Name: property, ...facets(given) }, ...annotations(given)),
    ),
    ...annotations(node),
  );
}

const containerChild = (name: string, node: Node): string => {
  if (node.$Action)
    return element('ActionImport', { Name: name, Action: node.$Action as string }, ...annotations(node));
  if (node.$Function)
    return element(
      'FunctionImport',
      {
        Name: name,
        Function: node.$Function as string,
        IncludeInServiceDocument: node.$IncludeInServiceDocument as boolean | undefined,
      },
      ...annotations(node),
    );
  return element('EntitySet', { Name: name, EntityType: node.$Type as string }, ...annotations(node));
};

function schemaChild(name: string, node: Node | Node[]): string {
  if (Array.isArray(node)) return node.map((overload) => operation(name, overload)).join('');
  if (node.$Kind === 'Term')
    return element(
      'Term',
      {
        Name: name,
        Type: 'Edm.String',
        Nullable: 'false',
        AppliesTo: (node.$AppliesTo as string[]).join(' '),
      },
      ...annotations(node),
    );
  if (node.$Kind === 'EntityContainer')
    return element(
      'EntityContainer',
      { Name: name },
      ...members(node).map(([member, given]) => containerChild(member, given)),
      ...annotations(node),
    );
  return structure(name, node);
}

/** The metadata as XML, which every client reads and some read only. */
export function csdlXml(csdl: Csdl, namespace: string): string {
  const schema = csdl[namespace] as Node;
  return `<?xml version="1.0" encoding="utf-8"?>\n${element(
    'edmx:Edmx',
    { Version: '4.0', 'xmlns:edmx': 'http://docs.oasis-open.org/odata/ns/edmx' },
    ...vocabularies.map((vocabulary) =>
      element(
        'edmx:Reference',
        { Uri: vocabularyUrl(vocabulary.namespace, 'xml') },
        element('edmx:Include', { Namespace: vocabulary.namespace, Alias: vocabulary.alias }),
      ),
    ),
    element(
      'edmx:DataServices',
      {},
      element(
        'Schema',
        { Namespace: namespace, xmlns: 'http://docs.oasis-open.org/odata/ns/edm' },
        ...members(schema).map(([name, node]) => schemaChild(name, node)),
        ...annotations(schema),
      ),
    ),
  )}`;
}
