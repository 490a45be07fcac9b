import { csharpOf, pythonOf, rOf, shellOf } from './help.literals.ts';
import type { Sample } from './help.samples.ts';

const indented = (text: string, by: number) => text.replaceAll('\n', `\n${' '.repeat(by)}`);

export interface BatchSampleOf {
  /** …/jobs, without the query. */
  readonly url: string;
  readonly input: string;
  readonly output: string;
  /** JSON of the global parameters. */
  readonly parameters: string;
}

/** A batch job from its submission to its result. The file is in the folder of the endpoint, put there before: souk files push, or its page. */
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
