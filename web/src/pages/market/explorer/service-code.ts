import type { ServiceCall } from './service-call.ts';

const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
/** A literal that Python, JavaScript and C# read alike: JSON with everything beyond ASCII escaped. */
const literal = (text: string) =>
  JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
const lines = (...parts: readonly (string | false)[]) =>
  `${parts.filter((part) => part !== false).join('\n')}\n`;

/** The call as code that works when pasted. The key comes from the environment, so that it ends up in no repository. */
export function codeOf({ method, url, body }: ServiceCall) {
  const post = body !== null;
  return [
    {
      id: 'curl',
      title: 'curl',
      code: lines(
        `curl -s ${shell(url.replaceAll("'", '%27'))} \\`,
        `  -H "Authorization: Bearer $SOUK_API_KEY" \\`,
        `  -H 'Accept: application/json'${post ? ' \\' : ''}`,
        post && `  -H 'Content-Type: application/json' \\`,
        post && `  --data-raw ${shell(body)}`,
      ),
    },
    {
      id: 'python',
      title: 'Python',
      code: lines(
        'import json, os, urllib.request',
        '',
        `url = ${literal(url)}`,
        'while url:',
        '    request = urllib.request.Request(',
        post ? `        url, data=${literal(body)}.encode("utf-8"),` : '        url,',
        '        headers={',
        '            "Authorization": "Bearer " + os.environ["SOUK_API_KEY"],',
        '            "Accept": "application/json",',
        post && '            "Content-Type": "application/json",',
        '        },',
        '    )',
        '    with urllib.request.urlopen(request) as response:',
        '        answer = json.load(response)',
        '    for row in answer.get("value", [answer]):',
        '        print(row)',
        '    # Every page is a call of its own.',
        '    url = answer.get("@odata.nextLink")',
      ),
    },
    {
      id: 'typescript',
      title: 'TypeScript',
      code: lines(
        `let url: string | undefined = ${literal(url)};`,
        'while (url) {',
        '  const response: Response = await fetch(url, {',
        post && `    method: "${method}",`,
        '    headers: {',
        '      Authorization: "Bearer " + process.env.SOUK_API_KEY,',
        '      Accept: "application/json",',
        post && '      "Content-Type": "application/json",',
        '    },',
        post && `    body: ${literal(body)},`,
        '  });',
        '  if (!response.ok) throw new Error(await response.text());',
        '  const answer = await response.json();',
        '  for (const row of answer.value ?? [answer]) console.log(row);',
        '  // Every page is a call of its own.',
        '  url = answer["@odata.nextLink"];',
        '}',
        'export {};',
      ),
    },
    {
      id: 'csharp',
      title: 'C#',
      code: lines(
        'using System.Net.Http.Headers;',
        post && 'using System.Text;',
        '',
        'using var client = new HttpClient();',
        'client.DefaultRequestHeaders.Authorization =',
        '    new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("SOUK_API_KEY"));',
        'client.DefaultRequestHeaders.Accept.ParseAdd("application/json");',
        post
          ? `var response = await client.PostAsync(${literal(url)},\n    new StringContent(${literal(body)}, Encoding.UTF8, "application/json"));`
          : `var response = await client.GetAsync(${literal(url)});`,
        'Console.WriteLine($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");',
      ),
    },
    {
      id: 'r',
      title: 'R',
      code: lines(
        'library(httr2)',
        '',
        `answer <- request(${literal(url)}) |>`,
        '  req_auth_bearer_token(Sys.getenv("SOUK_API_KEY")) |>',
        '  req_headers(Accept = "application/json") |>',
        post && `  req_body_raw(${literal(body)}, type = "application/json") |>`,
        '  req_perform() |>',
        '  resp_body_json(simplifyVector = TRUE)',
        'print(if (is.null(answer$value)) answer else answer$value)',
      ),
    },
  ];
}
