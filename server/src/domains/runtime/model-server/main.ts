import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { batchingOptions, readBatching } from './batching-options.ts';
import { endInGoodOrder } from './lifetime.ts';
import type { Address } from './listen.ts';
import { jsonLines } from './log.ts';
import type { ModelToLoad } from './model.ts';
import { serve } from './serve.ts';
import { readWholeNumber } from './whole-number.ts';

/** The model server as a process of its own; README.md beside it tells what it speaks. */
const usage =
  'main.ts --model NAME=PATH [--model ...] (--unix SOCKET | --host HOST --port PORT) [--threads N] [--default NAME] ' +
  '[--body-bytes-max N] [--batch-window-ms N] [--batch-records-max N] [--calls-max N] [--exit-with-parent]';

function fail(message: string): never {
  jsonLines('error', message);
  process.exit(1);
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', multiple: true, default: [] },
      unix: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
      threads: { type: 'string', default: `${availableParallelism()}` },
      default: { type: 'string' },
      'body-bytes-max': { type: 'string', default: '25000000' },
      ...batchingOptions,
      'calls-max': { type: 'string', default: '1024' },
      'exit-with-parent': { type: 'boolean', default: false },
    },
  });
  return {
    models: values.model.map(readModel),
    address: readAddress(values.unix, values.host, values.port),
    threads: readWholeNumber('--threads', values.threads, 1),
    bodyBytesMax: readWholeNumber('--body-bytes-max', values['body-bytes-max'], 1),
    batching: readBatching(values),
    underWayMax: readWholeNumber('--calls-max', values['calls-max'], 1),
    defaultName: values.default,
    withParent: values['exit-with-parent'],
  };
}

function readModel(text: string): ModelToLoad {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new Error(`--model takes NAME=PATH, not "${text}"`);
  return { name: text.slice(0, at), path: text.slice(at + 1) };
}

function readAddress(unix: string | undefined, host: string, port: string | undefined): Address {
  if ((unix === undefined) === (port === undefined)) throw new Error('give either --unix or --port');
  return unix === undefined ? { host, port: readWholeNumber('--port', port ?? '', 0) } : { unix };
}

try {
  const { withParent, ...options } = readArguments();
  if (options.models.length === 0) throw new Error(`name at least one model: ${usage}`);
  const server = await serve({ ...options, log: jsonLines });
  endInGoodOrder(server, withParent, jsonLines);
  const { address } = server.listener;
  // A socket is of whoever started this, and its path nothing that readers of the log should know.
  if (!('unix' in address)) jsonLines('info', `listening on http://${address.host}:${address.port}`);
  await server.loaded;
  for (const { name, path, state } of server.models.slots) {
    if (state.is === 'failed') fail(`model "${name}" (${path}) could not be loaded: ${state.reason}`);
    jsonLines('info', `model "${name}" is loaded`);
  }
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
