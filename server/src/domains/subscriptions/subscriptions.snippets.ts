import type { Snippet } from '@souk/contract';

/**
 * Code that works when pasted into a shell or a file: no package to install, the key from the environment. `--data-raw`, since
 * curl's other ways would read a body that begins with @ as the name of a file of the reader's.
 */
export function snippetsFor(call: {
  url: string;
  contentType: string;
  accept: string;
  body: string;
}): Snippet[] {
  return [
    {
      language: 'curl',
      title: 'curl',
      code: `curl -s ${shell(call.url)} \\\n  -H "Authorization: Bearer $SOUK_API_KEY" \\\n  -H ${shell(`Content-Type: ${call.contentType}`)} \\\n  -H ${shell(`Accept: ${call.accept}`)} \\\n  --data-raw ${shell(call.body)}\n`,
    },
    {
      language: 'python',
      title: 'Python 3, standard library',
      code: [
        'import os, urllib.request',
        '',
        'request = urllib.request.Request(',
        `    ${python(call.url)},`,
        `    data=${python(call.body)}.encode("utf-8"),`,
        '    headers={',
        '        "Authorization": "Bearer " + os.environ["SOUK_API_KEY"],',
        `        "Content-Type": ${python(call.contentType)},`,
        `        "Accept": ${python(call.accept)},`,
        '    },',
        ')',
        'with urllib.request.urlopen(request) as answer:',
        '    print(answer.read().decode("utf-8"))',
        '',
      ].join('\n'),
    },
    {
      language: 'typescript',
      title: 'TypeScript, Node 22 or later',
      code: [
        `const answer = await fetch(${JSON.stringify(call.url)}, {`,
        '  method: "POST",',
        '  headers: {',
        '    Authorization: "Bearer " + process.env.SOUK_API_KEY,',
        `    "Content-Type": ${JSON.stringify(call.contentType)},`,
        `    Accept: ${JSON.stringify(call.accept)},`,
        '  },',
        `  body: ${JSON.stringify(call.body)},`,
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

const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
/** JSON's strings are Python's too, but for what JSON leaves unescaped: nothing that matters here. */
const python = (text: string) => JSON.stringify(text);
