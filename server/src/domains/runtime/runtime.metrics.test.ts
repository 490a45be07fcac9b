import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onePage } from './runtime.metrics.ts';

const server = (count: number) =>
  `# HELP calls_total Calls\n# TYPE calls_total counter\ncalls_total{model="m"} ${count}\n# HELP under_way Now\n# TYPE under_way gauge\nunder_way{model="m"} 0\n`;

test('samples of several model servers stand together below one heading, each with where it comes from', () => {
  const page = onePage([
    { labels: 'deployment="a"', text: server(3) },
    { labels: 'deployment="b"', text: server(5) },
  ]);
  assert.equal(
    page,
    [
      '# HELP calls_total Calls',
      '# TYPE calls_total counter',
      'calls_total{deployment="a",model="m"} 3',
      'calls_total{deployment="b",model="m"} 5',
      '# HELP under_way Now',
      '# TYPE under_way gauge',
      'under_way{deployment="a",model="m"} 0',
      'under_way{deployment="b",model="m"} 0',
    ].join('\n'),
  );
});
