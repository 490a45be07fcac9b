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

const indented = (text: string, by: number) => text.replaceAll('\n', `\n${' '.repeat(by)}`);
/** JSON is a literal of Python but for these words. */
const pythonOf = (json: string) =>
  json.replaceAll(/"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b/g, (w) =>
    w === 'true' ? 'True' : w === 'false' ? 'False' : w === 'null' ? 'None' : w,
  );
const shellOf = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const csharpOf = (text: string) => `@"${text.replaceAll('"', '""')}"`;
/** Raw strings of R end with their own dashes, which JSON of ours never holds. */
const rOf = (text: string) => `r"---(${text})---"`;

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

export interface BatchSampleOf {
  /** …/jobs, without the query. */
  readonly url: string;
  readonly input: string;
  readonly output: string;
  /** JSON of the global parameters. */
  readonly parameters: string;
}

/** A batch job from its submission to its result. The file is one of the account, put there before: souk files upload, or its page. */
export function batchSamples({ url, input, output, parameters }: BatchSampleOf): Sample[] {
  const body = indented(
    `{
  "Inputs": { ${JSON.stringify(input)}: { "RelativeLocation": "input.csv" } },
  "Outputs": { ${JSON.stringify(output)}: { "RelativeLocation": "output.csv" } },
  "GlobalParameters": ${indented(parameters, 2)}
}`,
    0,
  );
  return [
    {
      language: 'curl',
      code: `export API_KEY=\${API_KEY:-the-key-of-this-endpoint}
jobs=${shellOf(url)}

# The answer is the id of the job, in quotes.
id=$(curl -sS --fail-with-body "$jobs?api-version=2.0" -H "Authorization: Bearer $API_KEY" -H 'Content-Type: application/json' -d ${shellOf(body)} | tr -d '"')
curl -sS --fail-with-body -X POST "$jobs/$id/start?api-version=2.0" -H "Authorization: Bearer $API_KEY"
while :; do
  status=$(curl -sS "$jobs/$id?api-version=2.0" -H "Authorization: Bearer $API_KEY")
  case $status in
    *'"StatusCode":"Finished"'* | *'"StatusCode":"Failed"'* | *'"StatusCode":"Cancelled"'*) break ;;
  esac
  sleep 1
done
printf '%s\\n' "$status"
`,
    },
    {
      language: 'Python',
      code: `# Needs nothing but Python 3.
import json, os, time, urllib.request

api_key = os.environ.get("API_KEY", "the-key-of-this-endpoint")
jobs = ${JSON.stringify(url)}
body = ${pythonOf(body)}

def ask(method, path, data=None):
    request = urllib.request.Request(
        jobs + path + "?api-version=2.0",
        method=method,
        data=None if data is None else json.dumps(data).encode("utf-8"),
        headers={"Authorization": "Bearer " + api_key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        text = response.read().decode("utf-8")
    return json.loads(text) if text else None

job = ask("POST", "", body)
ask("POST", "/" + job + "/start")
while True:
    status = ask("GET", "/" + job)
    if status["StatusCode"] in ("Finished", "Failed", "Cancelled"):
        break
    time.sleep(1)
if status["StatusCode"] != "Finished":
    raise SystemExit(status["StatusCode"] + ": " + str(status["Details"]))
result = status["Results"][${JSON.stringify(output)}]
with urllib.request.urlopen(result["BaseLocation"] + result["RelativeLocation"] + result["SasBlobToken"]) as response:
    print(response.read().decode("utf-8"), end="")
`,
    },
    {
      language: 'TypeScript',
      code: `// Runs as it is with Node 22.18 or later, Bun or Deno.
import { env, stdout } from "node:process";

const apiKey = env.API_KEY ?? "the-key-of-this-endpoint";
const jobs = ${JSON.stringify(url)};
const body = ${body};

async function ask(method: string, path: string, data?: unknown): Promise<any> {
  const response = await fetch(\`\${jobs}\${path}?api-version=2.0\`, {
    method,
    headers: { Authorization: \`Bearer \${apiKey}\`, "Content-Type": "application/json" },
    ...(data === undefined ? {} : { body: JSON.stringify(data) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(\`\${response.status}: \${text}\`);
  return text ? JSON.parse(text) : undefined;
}

const job: string = await ask("POST", "", body);
await ask("POST", \`/\${job}/start\`);
let status = await ask("GET", \`/\${job}\`);
while (!["Finished", "Failed", "Cancelled"].includes(status.StatusCode)) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  status = await ask("GET", \`/\${job}\`);
}
if (status.StatusCode !== "Finished") throw new Error(\`\${status.StatusCode}: \${status.Details}\`);
const result = status.Results[${JSON.stringify(output)}];
const file = await fetch(result.BaseLocation + result.RelativeLocation + result.SasBlobToken);
stdout.write(await file.text());
`,
    },
    {
      language: 'C#',
      code: `// A console program for .NET 6 or later.
using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;

var apiKey = Environment.GetEnvironmentVariable("API_KEY") ?? "the-key-of-this-endpoint";
var jobs = ${JSON.stringify(url)};
var body = ${csharpOf(body)};

using var client = new HttpClient();
client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);

async Task<string> Ask(HttpMethod method, string path, string? data = null)
{
    var request = new HttpRequestMessage(method, jobs + path + "?api-version=2.0");
    if (data != null) request.Content = new StringContent(data, Encoding.UTF8, "application/json");
    var response = await client.SendAsync(request);
    var text = await response.Content.ReadAsStringAsync();
    if (!response.IsSuccessStatusCode) throw new Exception($"{(int)response.StatusCode}: {text}");
    return text;
}

var job = JsonSerializer.Deserialize<string>(await Ask(HttpMethod.Post, "", body));
await Ask(HttpMethod.Post, $"/{job}/start");
while (true)
{
    var status = JsonDocument.Parse(await Ask(HttpMethod.Get, $"/{job}")).RootElement;
    var code = status.GetProperty("StatusCode").GetString();
    if (code == "Finished")
    {
        var result = status.GetProperty("Results").GetProperty(${JSON.stringify(output)});
        string Part(string name) => result.GetProperty(name).GetString()!;
        using var plain = new HttpClient();
        Console.Write(await plain.GetStringAsync(Part("BaseLocation") + Part("RelativeLocation") + Part("SasBlobToken")));
        break;
    }
    if (code is "Failed" or "Cancelled") throw new Exception($"{code}: {status.GetProperty("Details")}");
    await Task.Delay(1000);
}
`,
    },
    {
      language: 'R',
      code: `# Needs R 4 and the packages httr and jsonlite.
library(httr)
library(jsonlite)

api_key <- Sys.getenv("API_KEY", "the-key-of-this-endpoint")
jobs <- ${JSON.stringify(url)}
body <- ${rOf(body)}
query <- list("api-version" = "2.0")
key <- add_headers(Authorization = paste("Bearer", api_key))
answer <- function(response) {
  text <- content(response, "text", encoding = "UTF-8")
  if (http_error(response)) stop(status_code(response), " ", text)
  if (nchar(text) == 0) NULL else fromJSON(text)
}

job <- answer(POST(jobs, key, query = query, content_type_json(), body = body))
answer(POST(paste0(jobs, "/", job, "/start"), key, query = query))
repeat {
  status <- answer(GET(paste0(jobs, "/", job), key, query = query))
  if (status$StatusCode %in% c("Finished", "Failed", "Cancelled")) break
  Sys.sleep(1)
}
if (status$StatusCode != "Finished") stop(status$StatusCode, ": ", status$Details)
result <- status$Results[[${JSON.stringify(output)}]]
print(read.csv(paste0(result$BaseLocation, result$RelativeLocation, result$SasBlobToken)))
`,
    },
  ];
}
