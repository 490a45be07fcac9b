/** Upper bounds in seconds: small models answer in microseconds, large ones in seconds. */
const secondsBounds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60,
];
const recordsBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024];

/** Counted in place: a call adds a few numbers and makes nothing. */
class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    this.#sum += value;
    let i = 0;
    while (i < this.#bounds.length && value > (this.#bounds[i] ?? 0)) i++;
    this.#counts[i] = (this.#counts[i] ?? 0) + 1;
  }

  lines(name: string, model: string): string[] {
    let total = 0;
    const buckets = this.#counts.map((count, i) => {
      total += count;
      return `${name}_bucket{model="${model}",le="${this.#bounds[i] ?? '+Inf'}"} ${total}`;
    });
    return [
      ...buckets,
      `${name}_sum{model="${model}"} ${this.#sum}`,
      `${name}_count{model="${model}"} ${total}`,
    ];
  }
}

export type CallOutcome = 'answered' | 'refused' | 'failed' | 'overloaded';

/** What one model did since it was loaded, in Prometheus' text form. */
export class ModelMetrics {
  readonly #calls: Record<CallOutcome, number> = { answered: 0, refused: 0, failed: 0, overloaded: 0 };
  readonly #queue = new Histogram(secondsBounds);
  readonly #run = new Histogram(secondsBounds);
  readonly #batch = new Histogram(recordsBounds);
  #records = 0;
  /** Calls that were begun and are not over. */
  underWay = 0;

  ended(outcome: CallOutcome): void {
    this.#calls[outcome]++;
  }

  /** `records` of the call; `runRecords` of the run that it was part of. */
  ran(records: number, runRecords: number, queueMs: number, runMs: number): void {
    this.#records += records;
    this.#batch.observe(runRecords);
    this.#queue.observe(Math.max(0, queueMs) / 1000);
    this.#run.observe(runMs / 1000);
  }

  samples(name: string): Readonly<Record<keyof typeof families, string[]>> {
    const model = name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return {
      souk_model_calls_total: Object.entries(this.#calls).map(
        ([outcome, count]) => `souk_model_calls_total{model="${model}",outcome="${outcome}"} ${count}`,
      ),
      souk_model_records_total: [`souk_model_records_total{model="${model}"} ${this.#records}`],
      souk_model_calls_under_way: [`souk_model_calls_under_way{model="${model}"} ${this.underWay}`],
      souk_model_queue_seconds: this.#queue.lines('souk_model_queue_seconds', model),
      souk_model_run_seconds: this.#run.lines('souk_model_run_seconds', model),
      souk_model_batch_records: this.#batch.lines('souk_model_batch_records', model),
    };
  }
}

const families = {
  souk_model_calls_total: ['counter', 'Calls by how they ended'],
  souk_model_records_total: ['counter', 'Records that were run'],
  souk_model_calls_under_way: ['gauge', 'Calls that were begun and are not over'],
  souk_model_queue_seconds: [
    'histogram',
    'Time of a call outside the run: waiting for others, and for the runtime',
  ],
  souk_model_run_seconds: ['histogram', 'Time of the run that a call was part of'],
  souk_model_batch_records: ['histogram', 'Records of the run that a call was part of'],
} as const;

export function metricsText(
  models: readonly { readonly name: string; readonly metrics: ModelMetrics }[],
): string {
  const samples = models.map(({ name, metrics }) => metrics.samples(name));
  return (Object.keys(families) as (keyof typeof families)[])
    .flatMap((family) => [
      `# HELP ${family} ${families[family][1]}`,
      `# TYPE ${family} ${families[family][0]}`,
      ...samples.flatMap((of) => of[family]),
    ])
    .join('\n')
    .concat('\n');
}
