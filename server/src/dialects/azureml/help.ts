import type { WebServiceColumn, WebServiceParameter } from '@souk/contract';
import { type Found, folderOf, inputColumns, outputColumns } from '../../domains/webservices/index.ts';
import { documentedErrors, errorClasses } from './azureml.errors.ts';
import { batchSamples } from './help.samples.batch.ts';
import { rrsSamples, type Sample } from './help.samples.ts';
import { samplesOf } from './swagger.ts';

export type HelpPage = 'score' | 'jobs' | 'update';

type Urls = Record<'execute' | 'jobs' | 'odata' | 'swagger' | 'help' | 'batchHelp', string>;

const text = (s: string) =>
  s.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const code = (s: string) => `<code>${text(s)}</code>`;
const block = (s: string, label: string) =>
  `<pre tabindex="0" aria-label="${text(label)}"><code>${text(s)}</code></pre>`;
const json = (value: unknown) => JSON.stringify(value, null, 2);

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const th = head.map((h) => `<th scope="col">${text(h)}</th>`).join('');
  const body = rows.map((r) => `<tr>${r.map((c) => `<td>${c}</td>`).join('')}</tr>`).join('');
  return `<div class="wide" tabindex="0" role="region" aria-label="${text(caption)}"><table><thead><tr>${th}</tr></thead><tbody>${body}</tbody></table></div>`;
}

const columnRows = (columns: readonly (WebServiceColumn | WebServiceParameter)[]) =>
  columns.map((c) => [
    code(c.name),
    text(c.type) + ('nullable' in c && c.nullable ? ', or null' : ''),
    c.default === undefined ? 'yes' : `no: ${code(c.default)}`,
    text([c.description, c.values && `One of: ${c.values.join(', ')}.`].filter(Boolean).join(' ')),
  ]);

/** Public pages of an endpoint: who has no key yet reads how it is called. No scripts, so they print and copy as they are. */
export function helpPage(page: HelpPage, found: Found, urls: Urls): string {
  const { service, endpoint } = found;
  const title = `${service.name}: ${page === 'score' ? 'request-response' : page === 'jobs' ? 'batch jobs' : 'update of the model'}`;
  const parts = page === 'score' ? rrs(found, urls) : page === 'jobs' ? batch(found, urls) : update();
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title><style>${style}</style></head><body><main>
<h1>${text(title)}</h1>
<p>${text(service.description || 'No description provided for this web service.')}</p>
<p>Endpoint ${code(endpoint.name)}${endpoint.description ? `: ${text(endpoint.description)}` : ''}</p>
<nav aria-label="Pages"><a href="${urls.help}">Request-response</a> <a href="${urls.batchHelp}">Batch jobs</a> <a href="${urls.swagger}">swagger.json</a></nav>
${parts.join('\n')}
</main></body></html>
`;
}

function rrs(found: Found, urls: Urls): string[] {
  const { service } = found;
  const { schema } = service;
  const samples = samplesOf(found);
  const swaggerUrl = urls.execute.replace('&details=true', '&format=swagger');
  return [
    '<h2>Addresses</h2>',
    table(
      'Addresses',
      ['What', 'Address'],
      [
        ['Request URI', `POST ${code(urls.execute)}`],
        ['Names and values', `POST ${code(swaggerUrl)}`],
        ['OData endpoint address', code(urls.odata)],
        ['Swagger', `<a href="${urls.swagger}">${code(urls.swagger)}</a>`],
      ],
    ),
    '<p>Without <code>details=true</code> the answer leaves the types of columns out.</p>',
    '<h2>Request</h2>',
    table(
      'Request headers',
      ['Header', 'Value'],
      [
        [code('Authorization'), `${code('Bearer KEY')}, with the primary or secondary key of this endpoint`],
        [code('Content-Type'), code('application/json')],
      ],
    ),
    '<h3>Sample request</h3>',
    block(json(samples.columnForm), 'Sample request'),
    '<h3>The same, as names and values</h3>',
    block(json(samples.swaggerForm), 'Sample request with names and values'),
    `<h3>Input ${code(schema.input.name)}</h3>`,
    `<p>Up to ${schema.rowsMax} rows in a call; a batch job takes any number.</p>`,
    table(
      'Columns of the input',
      ['Column', 'Type', 'Required', 'Description'],
      columnRows(inputColumns(schema)),
    ),
    ...(schema.parameters.length > 0
      ? [
          '<h3>Global parameters</h3>',
          table(
            'Global parameters',
            ['Parameter', 'Type', 'Required', 'Description'],
            columnRows(schema.parameters),
          ),
        ]
      : []),
    '<h2>Answer</h2>',
    table(
      'Response headers',
      ['Header', 'Value'],
      [[code('x-ms-request-id'), 'Names this call; tell it when you ask for help.']],
    ),
    '<h3>Sample answer</h3>',
    block(json(samples.answer), 'Sample answer'),
    `<h3>Output ${code(schema.output.name)}</h3>`,
    table(
      'Columns of the output',
      ['Column', 'Type', 'Description'],
      outputColumns(schema).map((c) => [code(c.name), text(c.type), text(c.description ?? '')]),
    ),
    '<p>All values come as text, truth values as <code>True</code> and <code>False</code>, and what is missing as <code>null</code>.</p>',
    ...errors(),
    ...codes(rrsSamples({ url: urls.execute, body: json(samples.columnForm), output: schema.output.name })),
  ];
}

function batch(found: Found, urls: Urls): string[] {
  const { schema } = found.service;
  const { parameters } = samplesOf(found);
  const of = (path: string) => code(`${urls.jobs}${path}?api-version=2.0`);
  const [input, output] = [schema.input.name, schema.output.name];
  const folder = folderOf(found.endpoint);
  const reference = (name: string) => ({
    [name]: { ConnectionString: null, RelativeLocation: 'in/input.csv' },
  });
  return [
    '<h2>Calls</h2>',
    table(
      'Calls',
      ['Step', 'Call', 'Answer'],
      [
        ['Submit', `POST ${of('')}`, 'The id of the job, as a JSON string. It waits for its start.'],
        ['Start', `POST ${of('/{id}/start')}`, '204'],
        ['Status', `GET ${of('/{id}')}`, 'See below.'],
        ['Cancel', `DELETE ${of('/{id}')}`, '204'],
      ],
    ),
    `<p>Each with the header ${code('Authorization: Bearer KEY')}. 40 jobs of an endpoint run at the same time; the others wait their turn.</p>`,
    '<h2>Sample request</h2>',
    block(
      json({
        Inputs: reference(input),
        Outputs: { [output]: { RelativeLocation: 'out/output.csv' } },
        GlobalParameters: parameters,
      }),
      'Sample request',
    ),
    `<p>Files lie in the folder ${code(folder)} among the files of the account whose web service this is: what is to be read is put there by who keeps the account, for example with ${code(`souk files push input.csv ${folder}`)}. Their first line names the columns. They end with ${code('.csv')} or ${code('.tsv')}. An output that is not named goes into a file with a name of its own.</p>`,
    table(
      'Ways to name a file',
      ['Reference', 'Meaning'],
      [
        [code('{"RelativeLocation": "in/input.csv"}'), 'A file in that folder.'],
        [code(`{"RelativeLocation": "souk://ACCOUNT/${folder}in/input.csv"}`), 'The same, in full.'],
        [
          code('{"ConnectionString": "AccountName=ACCOUNT", "RelativeLocation": "in/input.csv"}'),
          'The same, as clients of storage accounts say it.',
        ],
        [
          code('{"BaseLocation": "…", "SasBlobToken": "…", "RelativeLocation": "…"}'),
          'A result of another job of this workspace, while its link is good.',
        ],
      ],
    ),
    `<p>A key of the endpoint reaches this folder and no other file. Who submits a job with a key of the account may name its other files (${code('souk://ACCOUNT/in/input.csv')}) and objects in buckets that it keeps credentials for (${code('s3://BUCKET/in/input.csv')}, or ${code('"ConnectionString": "S3Bucket=BUCKET"')}).</p>`,
    '<h2>Status</h2>',
    block(
      json({
        StatusCode: 'Finished',
        Results: {
          [output]: {
            ConnectionString: null,
            RelativeLocation: `souk/${folder}out/output.csv`,
            BaseLocation: `${urls.jobs.replace(/services\/.*$/, '')}blobs/`,
            SasBlobToken: '?sv=…&sr=b&se=…&sp=r&sig=…',
          },
        },
        Details: null,
      }),
      'Sample status',
    ),
    '<p><code>StatusCode</code> is <code>NotStarted</code>, <code>Running</code>, <code>Failed</code>, <code>Cancelled</code> or <code>Finished</code>. The result is read at BaseLocation + RelativeLocation + SasBlobToken, without a key, for 55 minutes; each status has a fresh link. <code>Details</code> says why a job failed.</p>',
    ...errors(),
    ...codes(batchSamples({ url: urls.jobs, input, output, parameters: json(parameters) })),
  ];
}

const update = () => [
  '<h2>Update</h2>',
  '<p>Endpoints of this web service have no resource that can be patched: all of them answer from the same model. Its owner moves them to another version at once, without dropping calls.</p>',
];

const errors = () => [
  '<h2>Errors</h2>',
  '<p>Every error is JSON of this form; the exact reason stands in <code>details</code>, with its place in the message.</p>',
  block(
    json({
      error: {
        code: 'BadUserArgument',
        message: 'Invalid argument provided.',
        details: [
          {
            code: 'InputParseError',
            message: 'input1: row 2, column "age" (Int32): "x" is no whole number.',
          },
        ],
      },
    }),
    'Sample error',
  ),
  table(
    'Errors',
    ['Status', 'Class', 'Reason', 'Meaning'],
    documentedErrors.map((e) => [
      String(errorClasses[e.class]),
      code(e.class),
      code(e.code),
      text(e.meaning),
    ]),
  ),
];

const codes = (samples: readonly Sample[]) => [
  '<h2>Code</h2>',
  `<p>Put the key into the environment variable ${code('API_KEY')}, or into the code.</p>`,
  ...samples.map(
    (s) =>
      `<h3>${text(s.language)}</h3>\n<div id="code-snippet-${s.language.toLowerCase().replace('#', 'sharp')}">${block(s.code, s.language)}</div>`,
  ),
];

const style = `:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:15px/1.5 system-ui,sans-serif;margin:0}main{max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}h3{font-size:1rem;margin-top:1.4rem}
nav a{margin-right:1rem}code,pre{font:13px/1.45 ui-monospace,monospace;overflow-wrap:anywhere}
pre{background:var(--soft);border:1px solid var(--line);border-radius:4px;padding:.75rem;overflow-x:auto;overflow-wrap:normal}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line)}`;
