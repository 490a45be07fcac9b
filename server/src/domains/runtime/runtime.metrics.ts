import { type Db, rows, sql } from '../../platform/db.ts';
import { callModel } from './runtime.call.ts';
import type { ModelAddress } from './runtime.ts';

const scrapeTimeoutMs = 1000;

interface Scraped {
  readonly labels: string;
  readonly text: string;
}

/**
 * What the model servers of ready deployments say of their models, as one page: each sample with its deployment, product and
 * version. One that does not answer in time is left out, and the others are told all the same.
 */
export async function modelMetrics(db: Db): Promise<string> {
  const ready = await rows<{ id: string; product: string; version: string; addresses: ModelAddress[] }>(
    db,
    sql`select d.id, b.slug || '/' || p.slug as product, d.version, d.addresses from deployments d
      join products p on p.id = d.product_id join publishers b on b.account_id = p.account_id
      where d.state = 'ready' and d.servable ->> 'kind' = 'onnx' order by d.id`,
  );
  const scraped = await Promise.all(
    ready.flatMap(({ id, product, version, addresses }) =>
      addresses.map(async (address, instance): Promise<Scraped | undefined> => {
        const answer = await callModel(address, {
          path: '/metrics',
          method: 'GET',
          timeoutMs: scrapeTimeoutMs,
        }).catch(() => undefined);
        if (answer?.status !== 200) return undefined;
        const labels = `deployment="${id}",product="${product}",version="${version}",instance="${instance}"`;
        return { labels, text: answer.body.toString('utf8') };
      }),
    ),
  );
  return onePage(scraped.filter((s) => s !== undefined));
}

/** Samples of one family stand together, below its one heading: Prometheus refuses pages on which they do not. */
export function onePage(scraped: readonly Scraped[]): string {
  const headings = new Map<string, string[]>();
  const samples = new Map<string, string[]>();
  for (const { labels, text } of scraped) {
    let family = '';
    for (const line of text.split('\n')) {
      const heading = /^# (HELP|TYPE) (\S+) /.exec(line);
      if (heading) {
        family = heading[2] ?? '';
        const lines = headings.get(family) ?? [];
        if (!lines.includes(line)) headings.set(family, [...lines, line]);
      } else if (line !== '')
        samples.set(family, [...(samples.get(family) ?? []), line.replace('{', `{${labels},`)]);
    }
  }
  return [...headings].flatMap(([family, lines]) => [...lines, ...(samples.get(family) ?? [])]).join('\n');
}
