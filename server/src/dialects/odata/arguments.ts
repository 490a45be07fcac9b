import { exampleOf, familyOf, type Value, valueOfJson, valueOfLiteral, valueOfText } from './edm.ts';
import { tokens } from './lexer.ts';
import type { Operation, Parameter } from './model.ts';
import { refuse, shown } from './odata.failure.ts';
import type { Options } from './options.ts';
import type { PathValue } from './path.ts';

type Arguments = Record<string, unknown>;

/** Members of a list that one call may give. */
const membersMax = 10_000;

const wrongType = (parameter: Parameter, said: string, at?: number): never =>
  refuse(
    'odata.wrong_type',
    `${parameter.name} is ${parameter.collection ? `a list of ${parameter.type}` : parameter.type}, not ${shown(said)}; write it like ${
      exampleOf[parameter.type]
    }`,
    parameter.name,
    at,
  );

/** What the publisher said of the value beside its type. Patterns are the service's to check: they may be costly, and this is the hot path. */
function restrict(parameter: Parameter, value: Value): Value {
  if (value === null) {
    if (!parameter.nullable)
      refuse('odata.missing_parameter', `${parameter.name} may not be null`, parameter.name);
    return null;
  }
  const { values, lengthMax } = parameter;
  if (values && !values.some((allowed) => valueOfText(parameter.type, allowed) === value))
    refuse(
      'odata.value_not_allowed',
      `${parameter.name} is one of ${shown(values.join(', '), 400)}, not ${shown(String(value))}`,
      parameter.name,
    );
  if (lengthMax !== undefined && typeof value === 'string' && familyOf[parameter.type] === 'string')
    if ([...value].length > lengthMax)
      refuse(
        'odata.value_not_allowed',
        `${parameter.name} is at most ${lengthMax} characters long, not ${[...value].length}`,
        parameter.name,
      );
  return value;
}

function fromJson(parameter: Parameter, given: unknown): unknown {
  if (!parameter.collection) {
    const value = valueOfJson(parameter.type, given);
    return value === undefined ? wrongType(parameter, JSON.stringify(given)) : restrict(parameter, value);
  }
  if (given === null && parameter.nullable) return null;
  if (!Array.isArray(given)) return wrongType(parameter, JSON.stringify(given));
  if (given.length > membersMax)
    refuse(
      'odata.value_not_allowed',
      `${parameter.name} has more than ${membersMax} members`,
      parameter.name,
    );
  return given.map((member) => {
    const value = valueOfJson(parameter.type, member);
    return value === undefined ? wrongType(parameter, JSON.stringify(member)) : restrict(parameter, value);
  });
}

function fromLiteral(
  parameter: Parameter,
  given: Extract<PathValue, { kind: 'literal' }>,
  atShown: boolean,
): unknown {
  if (parameter.collection) {
    if (given.literal === 'null') return fromJson(parameter, null);
    refuse(
      'odata.wrong_type',
      `${parameter.name} is a list: give it by an alias, ${parameter.name}=@p&@p=[…] as JSON`,
      parameter.name,
    );
  }
  const value = valueOfLiteral(parameter.type, given.literal, given.text);
  if (value === undefined)
    return wrongType(
      parameter,
      given.literal === 'string' ? `'${given.text}'` : given.text,
      atShown ? given.at : undefined,
    );
  return restrict(parameter, value);
}

/** The text of an alias or of an option with a parameter's name: a literal, or JSON for lists. */
function fromOption(parameter: Parameter, text: string): unknown {
  const trimmed = text.trim();
  if (parameter.collection && trimmed.startsWith('[')) {
    let list: unknown;
    try {
      list = JSON.parse(trimmed);
    } catch {
      refuse('odata.malformed_literal', `The list of ${parameter.name} is no JSON`, parameter.name);
    }
    return fromJson(parameter, list);
  }
  const [first, second] = tokens(trimmed, parameter.name);
  if (first?.kind === 'literal' && second?.kind === 'end') return fromLiteral(parameter, { ...first }, false);
  if (first?.kind === 'literal')
    refuse(
      'odata.malformed_literal',
      `${shown(trimmed)} is not one value; write a quote within a text as two`,
      parameter.name,
      second?.at,
    );
  refuse(
    'odata.malformed_literal',
    `${shown(trimmed) || 'Nothing'} is no value of ${parameter.name}; write it like ${exampleOf[parameter.type]}`,
    parameter.name,
  );
}

/** Text of the publisher's default as the value. A default that does not fit is the publisher's mistake; null is told to the service then. */
const defaultOf = (parameter: Parameter): unknown => {
  if (typeof parameter.default !== 'string') return null;
  if (!parameter.collection) return valueOfText(parameter.type, parameter.default) ?? null;
  try {
    const list: unknown = JSON.parse(parameter.default);
    return Array.isArray(list) ? list : null;
  } catch {
    return null;
  }
};

function complete(operation: Operation, given: ReadonlyMap<string, unknown>): Arguments {
  const missing = operation.parameters.filter(({ name, optional }) => !optional && !given.has(name));
  if (missing.length)
    refuse(
      'odata.missing_parameter',
      `${operation.name} needs ${missing
        .map(({ name, type, collection }) => `${name} (${collection ? `list of ${type}` : type})`)
        .join(', ')}`,
      missing[0]?.name,
    );
  return Object.fromEntries(
    operation.parameters.map((parameter) => [
      parameter.name,
      given.has(parameter.name) ? given.get(parameter.name) : defaultOf(parameter),
    ]),
  );
}

const unknown = (operation: Operation, name: string): never =>
  refuse(
    'odata.unknown_parameter',
    `${operation.name} has no parameter ${shown(name)}${
      operation.parameters.length
        ? `; it has ${shown(operation.parameters.map((parameter) => parameter.name).join(', '), 300)}`
        : ''
    }`,
    shown(name),
  );

/** Values of a function: in parentheses, by alias, or as options with the names of the parameters. */
export function functionArguments(
  operation: Operation,
  inPath: ReadonlyMap<string, PathValue>,
  options: Options,
): Arguments {
  const byName = new Map(operation.parameters.map((parameter) => [parameter.name, parameter]));
  const given = new Map<string, unknown>();
  for (const [name, value] of inPath) {
    const parameter = byName.get(name) ?? unknown(operation, name || 'without a name');
    if (value.kind === 'literal') given.set(name, fromLiteral(parameter, value, true));
    else {
      const text = options.aliases.get(value.name);
      // An alias that nothing is said of is null.
      given.set(name, text === undefined ? fromJson(parameter, null) : fromOption(parameter, text));
    }
  }
  for (const [name, text] of options.custom) {
    const parameter = byName.get(name);
    if (!parameter) {
      if (operation.parameters.length) unknown(operation, name);
      refuse('odata.unknown_option', `There is no option ${shown(name)}; options begin with $`, shown(name));
    }
    if (given.has(name)) refuse('odata.malformed_option', `${name} is there twice`, name);
    given.set(name, fromOption(parameter, text));
  }
  return complete(operation, given);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values of an action: one JSON object, whose annotations (names with @) are passed over as the format wants. */
export function bodyArguments(operation: Operation, body: unknown): Arguments {
  if (!isObject(body))
    refuse('odata.malformed_body', 'The body is one JSON object with a member for each parameter');
  const byName = new Map(operation.parameters.map((parameter) => [parameter.name, parameter]));
  const given = new Map<string, unknown>();
  for (const [name, value] of Object.entries(body)) {
    if (name.includes('@')) continue;
    given.set(name, fromJson(byName.get(name) ?? unknown(operation, name), value));
  }
  return complete(operation, given);
}

/** The sets of values of a batch; undefined where the body is not one. */
export function batchArguments(operation: Operation, body: unknown): readonly Arguments[] | undefined {
  if (!operation.batchName || !isObject(body) || !Array.isArray(body.rows)) return undefined;
  if (operation.parameters.some(({ name }) => name === 'rows')) return undefined;
  for (const name of Object.keys(body)) if (name !== 'rows' && !name.includes('@')) unknown(operation, name);
  if (body.rows.length > membersMax)
    refuse('odata.value_not_allowed', `rows has more than ${membersMax} members`, 'rows');
  return body.rows.map((row) => bodyArguments(operation, row));
}
