import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  request(method: string, route: string, status: number, ms: number): void;
  stage(stage: string, outcome: string, ms: number): void;
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
}

export function newMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'souk_' });
  const requests = new Histogram({
    name: 'souk_http_request_duration_seconds',
    help: 'Duration of API requests',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const stages = new Histogram({
    name: 'souk_stage_duration_seconds',
    help: 'Duration of pipeline stages',
    labelNames: ['stage', 'outcome'],
    registers: [registry],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  });
  const stageOutcomes = new Counter({
    name: 'souk_stages_total',
    help: 'Pipeline stages by outcome',
    labelNames: ['stage', 'outcome'],
    registers: [registry],
  });
  return {
    registry,
    request: (method, route, status, ms) => requests.labels(method, route, String(status)).observe(ms / 1000),
    stage: (stage, outcome, ms) => {
      stages.labels(stage, outcome).observe(ms / 1000);
      stageOutcomes.labels(stage, outcome).inc();
    },
    gauge: (name, help, read) => {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          this.set(await read());
        },
      });
    },
  };
}
