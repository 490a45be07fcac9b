import { csharpOf, pythonOf, rOf, shellOf } from './help.literals.ts';

export interface Sample {
  readonly language: string;
  readonly code: string;
}

export interface SampleOf {
  readonly url: string;
  /** As JSON, indented by two. */
  readonly body: string;
  readonly output: string;
}

/** Request-response in five languages. Each takes the key from the environment, and prints what comes. */
export function rrsSamples({ url, body, output }: SampleOf): Sample[] {
  return [
    {
      language: 'curl',
      code: `export API_KEY=\${API_KEY:-the-key-of-this-endpoint}

curl -sS ${shellOf(url)} \\
  -H "Authorization: Bearer $API_KEY" \\
  -H 'Content-Type: application/json' \\
  -d ${shellOf(body)}
`,
    },
    {
      language: 'Python',
      code: `# Needs nothing but Python 3.
import json, os, urllib.error, urllib.request

api_key = os.environ.get("API_KEY", "the-key-of-this-endpoint")
body = ${pythonOf(body)}

request = urllib.request.Request(
    ${JSON.stringify(url)},
    data=json.dumps(body).encode("utf-8"),
    headers={"Authorization": "Bearer " + api_key, "Content-Type": "application/json"},
)
try:
    with urllib.request.urlopen(request) as response:
        results = json.load(response)["Results"]
    table = results[${JSON.stringify(output)}]["value"]
    for row in table["Values"]:
        print(dict(zip(table["ColumnNames"], row)))
except urllib.error.HTTPError as error:
    # The body says what is wrong, and where; the request id helps to find the call.
    print(error.code, error.headers.get("x-ms-request-id"))
    print(error.read().decode("utf-8"))
    raise SystemExit(1)
`,
    },
    {
      language: 'TypeScript',
      code: `// Runs as it is with Node 22.18 or later, Bun or Deno.
import { env, exit } from "node:process";

const apiKey = env.API_KEY ?? "the-key-of-this-endpoint";
const body = ${body};

const response = await fetch(${JSON.stringify(url)}, {
  method: "POST",
  headers: { Authorization: \`Bearer \${apiKey}\`, "Content-Type": "application/json" },
  body: JSON.stringify(body),
});
if (!response.ok) {
  console.error(response.status, response.headers.get("x-ms-request-id"), await response.text());
  exit(1);
}
type Table = { ColumnNames: string[]; ColumnTypes: string[]; Values: (string | null)[][] };
const answer = (await response.json()) as { Results: Record<string, { type: string; value: Table }> };
const table = answer.Results[${JSON.stringify(output)}]!.value;
for (const row of table.Values)
  console.log(Object.fromEntries(table.ColumnNames.map((name, i) => [name, row[i]])));
`,
    },
    {
      language: 'C#',
      code: `// A console program for .NET 6 or later.
using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;

var apiKey = Environment.GetEnvironmentVariable("API_KEY") ?? "the-key-of-this-endpoint";
var body = ${csharpOf(body)};

using var client = new HttpClient();
client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
var content = new StringContent(body, Encoding.UTF8, "application/json");
var response = await client.PostAsync(${JSON.stringify(url)}, content);
var answer = await response.Content.ReadAsStringAsync();
if (!response.IsSuccessStatusCode)
{
    // The answer says what is wrong, and where; the request id helps to find the call.
    response.Headers.TryGetValues("x-ms-request-id", out var ids);
    Console.Error.WriteLine($"{(int)response.StatusCode} {string.Join(",", ids ?? Array.Empty<string>())}");
    Console.Error.WriteLine(answer);
    Environment.Exit(1);
}
Console.WriteLine(answer);
`,
    },
    {
      language: 'R',
      code: `# Needs R 4 and the packages httr and jsonlite.
library(httr)
library(jsonlite)

api_key <- Sys.getenv("API_KEY", "the-key-of-this-endpoint")
body <- ${rOf(body)}

response <- POST(
  ${JSON.stringify(url)},
  add_headers(Authorization = paste("Bearer", api_key)),
  content_type_json(),
  body = body
)
text <- content(response, "text", encoding = "UTF-8")
if (http_error(response)) stop(status_code(response), " ", headers(response)[["x-ms-request-id"]], " ", text)
table <- fromJSON(text)$Results[[${JSON.stringify(output)}]]$value
result <- as.data.frame(table$Values)
names(result) <- table$ColumnNames
print(result)
`,
    },
  ];
}
