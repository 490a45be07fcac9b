import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { batchingOptions, readBatching } from './model-server/batching-options.ts';
import { endInGoodOrder } from './model-server/lifetime.ts';
import type { Log } from './model-server/log.ts';
import { readWholeNumber } from './model-server/whole-number.ts';
import { serveModel } from './serve-model.ts';

/** `souk serve-model PATH... [--port N] [--host HOST] [--threads N] [--body-bytes-max N] [--batch-window-ms N] [--strict]` as a process. */
const log: Log = (level, message) => {
  const stream = level === 'info' ? process.stdout : process.stderr;
  stream.write(`${level === 'info' ? '' : `${level}: `}${message}\n`);
};

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '8080' },
      host: { type: 'string', default: '127.0.0.1' },
      threads: { type: 'string', default: `${availableParallelism()}` },
      'body-bytes-max': { type: 'string', default: '25000000' },
      ...batchingOptions,
      strict: { type: 'boolean', default: false },
      'exit-with-parent': { type: 'boolean', default: false },
    },
  });
  const server = await serveModel(positionals, {
    address: { host: values.host, port: readWholeNumber('--port', values.port, 0) },
    threads: readWholeNumber('--threads', values.threads, 1),
    bodyBytesMax: readWholeNumber('--body-bytes-max', values['body-bytes-max'], 1),
    batching: readBatching(values),
    strict: values.strict,
    log,
  });
  endInGoodOrder(server, values['exit-with-parent'], log);
  const { address } = server.listener;
  if ('port' in address) log('info', `Models are served at http://${address.host}:${address.port}`);
} catch (error) {
  log('error', error instanceof Error ? error.message : String(error));
  process.exit(1);
}
