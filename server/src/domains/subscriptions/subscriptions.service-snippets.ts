import { type ServiceSection, type Snippet, serviceVersion } from '@souk/contract';

/** Code that calls a web service and works when pasted: the sample of its publisher, the key from the environment. */
export function serviceSnippets(
  publicUrl: string,
  s: {
    readonly publisher: string;
    readonly product: string;
    readonly document: { readonly service?: ServiceSection };
  },
): Snippet[] {
  const { sample, isOData, operations = [] } = s.document.service ?? {};
  if (!sample) return [];
  const root = `${publicUrl}/data/${s.publisher}/${s.product}/${serviceVersion}`;
  const operation = isOData ? undefined : operations.find((o) => o.name === sample.operation);
  const asked = Object.entries(sample.arguments ?? {});
  if (operation?.kind === 'action')
    return snippets(`${root}/${operation.name}`, JSON.stringify(Object.fromEntries(asked)));
  const isText = new Set(
    (operation?.parameters ?? []).filter((p) => p.type === 'Edm.String').map((p) => p.name),
  );
  // As OData writes values: texts in single quotes, lists as JSON, everything else bare.
  const literal = (name: string, value: unknown) =>
    typeof value !== 'string'
      ? JSON.stringify(value)
      : isText.has(name)
        ? `'${value.replaceAll("'", "''")}'`
        : value;
  const query = asked.map(
    ([name, value]) =>
      `${encodeURIComponent(name)}=${encodeURIComponent(literal(name, value)).replaceAll("'", '%27')}`,
  );
  const path = isOData ? sample.operation.replace(/^\/+/, '') : sample.operation;
  return snippets(`${root}/${path}${!isOData && query.length > 0 ? `?${query.join('&')}` : ''}`, null);
}

const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function snippets(url: string, body: string | null): Snippet[] {
  const text = JSON.stringify(url);
  return [
    {
      language: 'curl',
      title: 'curl',
      code: `curl -s ${shell(url)} \\\n  -H "Authorization: Bearer $SOUK_API_KEY" \\\n  -H 'Accept: application/json'${
        body === null ? '' : ` \\\n  -H 'Content-Type: application/json' \\\n  --data-raw ${shell(body)}`
      }\n`,
    },
    {
      language: 'python',
      title: 'Python 3, standard library',
      code: [
        'import json, os, urllib.request',
        '',
        'request = urllib.request.Request(',
        `    ${text},`,
        ...(body === null ? [] : [`    data=${JSON.stringify(body)}.encode("utf-8"),`]),
        '    headers={',
        '        "Authorization": "Bearer " + os.environ["SOUK_API_KEY"],',
        '        "Accept": "application/json",',
        ...(body === null ? [] : ['        "Content-Type": "application/json",']),
        '    },',
        ')',
        'with urllib.request.urlopen(request) as answer:',
        '    for row in json.load(answer).get("value", []):',
        '        print(row)',
        '',
      ].join('\n'),
    },
    {
      language: 'typescript',
      title: 'TypeScript, Node 22 or later',
      code: [
        `const answer = await fetch(${text}, {`,
        ...(body === null ? [] : ['  method: "POST",']),
        '  headers: {',
        '    Authorization: "Bearer " + process.env.SOUK_API_KEY,',
        '    Accept: "application/json",',
        ...(body === null ? [] : ['    "Content-Type": "application/json",']),
        '  },',
        ...(body === null ? [] : [`  body: ${JSON.stringify(body)},`]),
        '});',
        'console.log(answer.status, await answer.text());',
        '',
        '// A module: top-level await works.',
        'export {};',
        '',
      ].join('\n'),
    },
  ];
}
