import type { Findings } from './document-findings.ts';
import { pathProblem, patternProblem } from './service-paths.ts';
import { pagingPlaceholders, placeholdersOf, templatesOf } from './service-template.ts';
import type { ServiceOperation, ServiceParameter } from './services.ts';

const identifier = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** What each operation must say: names that addresses can carry, requests that can be built, answers that can be read. */
export function operationRules(operations: readonly ServiceOperation[], found: Findings) {
  unique(operations, '/service/operations', 'operation', found);
  operations.forEach((o, i) => {
    const at = `/service/operations/${i}`;
    unique(o.parameters, `${at}/parameters`, 'parameter', found);
    unique(o.columns, `${at}/columns`, 'column', found);
    if (o.columns.length === 0)
      found.add(
        `${at}/columns`,
        'document.too_few',
        `${o.name} has no columns: buyers would read empty rows.`,
        'Describe what a row of the answer has.',
      );
    o.parameters.forEach((p, k) => {
      parameter(p, `${at}/parameters/${k}`, found);
    });
    request(o, at, found);
    response(o, at, found);
  });
}

/** OData tells names apart by case; Excel and SQL do not. */
function unique(list: readonly { readonly name: string }[], at: string, what: string, found: Findings) {
  const names = list.map((x) => x.name.toLowerCase());
  list.forEach(({ name }, i) => {
    if (!identifier.test(name))
      found.add(
        `${at}/${i}/name`,
        'service.identifier',
        `The name "${name}" cannot stand in an address of OData.`,
        'Use a letter or underscore, then letters, digits and underscores; what it is called at the service goes into title.',
      );
    if (names.indexOf(name.toLowerCase()) !== i)
      found.add(
        `${at}/${i}/name`,
        'service.duplicate_name',
        `The ${what} ${name} is there twice; small and capital letters do not tell names apart.`,
        'Rename one.',
      );
  });
}

function parameter(p: ServiceParameter, at: string, found: Findings) {
  const problem = p.pattern === undefined ? undefined : patternProblem(p.pattern);
  if (problem)
    found.add(
      `${at}/pattern`,
      'service.pattern',
      `The pattern of ${p.name} cannot be used: ${problem}.`,
      'Write it for RE2: no look-around, no back references.',
    );
  for (const [field, value] of [
    ['default', p.default],
    ['sample', p.sample],
  ] as const)
    if (value && p.values && p.values.length > 0 && !p.values.includes(value))
      found.add(
        `${at}/${field}`,
        'service.value',
        `The ${field} of ${p.name} is not among its values.`,
        `Use one of ${p.values.slice(0, 20).join(', ')}.`,
      );
}

function request(o: ServiceOperation, at: string, found: Findings) {
  const { path, method, headers = [], body } = o.request;
  if (/^[a-z][a-z0-9+.-]*:|^\/\/|\\|#|(^|\/)\.\.?([/?]|$)|[\p{Cc}\s]/iu.test(path))
    found.add(
      `${at}/request/path`,
      'service.request_path',
      `The path "${path.slice(0, 100)}" leaves the service URL or cannot be called.`,
      'Give it relative to the service URL, without "..", blanks and "#".',
    );
  headers.forEach(({ name, value }, i) => {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(name) || /[\r\n]|[^\t\x20-\x7e]/.test(value))
      found.add(
        `${at}/request/headers/${i}`,
        'service.request_header',
        'The header cannot be sent: its name has other characters than headers have, or its value is not one line of plain text.',
        'Use letters, digits and hyphens in the name, and one line in the value.',
      );
    else if (
      /^(accept-encoding|connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|via|x-request-id|souk-.*)$/i.test(
        name,
      )
    )
      found.add(
        `${at}/request/headers/${i}`,
        'service.request_header',
        `Souk sets the header ${name} itself.`,
        'Remove it.',
      );
  });
  if (body && method === 'GET')
    found.add(
      `${at}/request/body`,
      'service.request_body',
      'A GET has no body; services and what stands before them drop it.',
      'Use POST, or put the parameters into the path.',
    );
  placeholders(o, at, found);
}

function placeholders(o: ServiceOperation, at: string, found: Findings) {
  const names = new Set(o.parameters.map((p) => p.name));
  const paging: readonly string[] = o.paging ? pagingPlaceholders[o.paging.kind] : [];
  const used = new Set<string>();
  for (const { at: place, text } of templatesOf(o))
    for (const name of placeholdersOf(text)) {
      used.add(name);
      if (names.has(name) || paging.includes(name)) continue;
      const near = [...names].find((n) => n.toLowerCase() === name.toLowerCase());
      found.add(
        `${at}/request${place}`,
        'service.placeholder',
        name.startsWith('$')
          ? `{${name}} is no placeholder of this way of paging.`
          : `{${name}} is no parameter of ${o.name}${near ? `; there is ${near}` : ''}.`,
        name.startsWith('$')
          ? 'Use {$skip} and {$take} with skip-take, {$page} and {$size} with page-size.'
          : 'Describe the parameter, or correct the name; small and capital letters count.',
      );
    }
  o.parameters.forEach((p, i) => {
    if (!used.has(p.name))
      found.add(
        `${at}/parameters/${i}/name`,
        'service.parameter_unused',
        `${p.name} stands nowhere in the request, so the service would never see it.`,
        `Put {${p.name}} into the path, a header or the body, or remove the parameter.`,
      );
  });
  const [needed] = paging;
  if (needed && !used.has(needed))
    found.add(
      `${at}/paging`,
      'service.paging',
      `The request has no {${needed}}: every page would be the first one.`,
      `Put {${needed}} into the request, or leave paging out.`,
    );
}

function response(o: ServiceOperation, at: string, found: Findings) {
  const { format, rows, errors = [] } = o.response;
  const check = (pointer: string, path: string | undefined) => {
    const problem = path === undefined ? undefined : pathProblem(format, path);
    if (problem)
      found.add(
        pointer,
        'service.path',
        `The path ${path?.slice(0, 100)} cannot be used: ${problem}.`,
        'Name the place directly: conditions may compare, but not search the whole answer again for every row.',
      );
  };
  check(`${at}/response/rows`, rows);
  o.columns.forEach((c, i) => {
    check(`${at}/columns/${i}/path`, c.path);
  });
  errors.forEach((e, i) => {
    check(`${at}/response/errors/${i}/match`, e.match);
  });
  if (o.collection && format !== 'csv' && rows === undefined)
    found.add(
      `${at}/response/rows`,
      'service.rows_missing',
      `${o.name} answers several rows, and it is not said where they are.`,
      format === 'json' ? 'Give a JSONPath such as $.items[*].' : 'Give an XPath such as /items/item.',
    );
  (o.response.namespaces ?? []).forEach((n, i) => {
    if (!/^[A-Za-z_][\w.-]*$/.test(n.prefix))
      found.add(
        `${at}/response/namespaces/${i}/prefix`,
        'service.namespace',
        `"${n.prefix}" is no prefix of a namespace.`,
        'Use letters and digits; the default namespace needs a prefix of its own here.',
      );
  });
}
