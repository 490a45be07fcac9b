import type { Batching } from './model-server/batching.ts';
import type { Address } from './model-server/listen.ts';
import type { Log } from './model-server/log.ts';
import { ModelPathError, modelNameOf } from './model-server/model-path.ts';
import { type Server, serve } from './model-server/serve.ts';

export interface ServeModelOptions {
  readonly address: Address;
  readonly threads: number;
  readonly bodyBytesMax: number;
  readonly batching?: Batching | undefined;
  /** One model that cannot be loaded ends the server; without it, the others are served. */
  readonly strict: boolean;
  readonly log: Log;
}

/**
 * The model server alone, on a publisher's desk: `souk serve-model PATH... --port N`. A path is an .onnx file or a folder
 * that holds one model. `case/model.onnx` and `case/` are both served as `case`, `fraud.onnx` as `fraud`.
 */
export async function serveModel(paths: readonly string[], options: ServeModelOptions): Promise<Server> {
  const server = await serve({ ...options, models: namedModels(paths) });
  await server.loaded;
  const failed = server.models.slots.filter((slot) => slot.state.is === 'failed');
  for (const { name, path, state } of server.models.slots) {
    if (state.is === 'failed') options.log('error', `${name}: cannot be served. ${path}: ${state.reason}`);
    if (state.is === 'ready') options.log('info', `${name}: ${routeWords(server, name)}`);
  }
  if (failed.length > 0 && (options.strict || failed.length === paths.length)) {
    await server.stop();
    throw new ModelPathError(
      options.strict
        ? `${failed.length} of ${paths.length} models cannot be served, and --strict was given`
        : 'none of the models can be served',
    );
  }
  return server;
}

function namedModels(paths: readonly string[]): { name: string; path: string }[] {
  if (paths.length === 0)
    throw new ModelPathError('name at least one .onnx file, or a folder that holds one');
  const models = new Map<string, string>();
  for (const path of paths) {
    const name = modelNameOf(path);
    const other = models.get(name);
    if (other !== undefined)
      throw new ModelPathError(`${other} and ${path} would both be served as "${name}": rename one of them`);
    models.set(name, path);
  }
  return [...models].map(([name, path]) => ({ name, path }));
}

function routeWords(server: Server, name: string): string {
  const { address } = server.listener;
  const at = 'unix' in address ? `unix:${address.unix}` : `http://${address.host}:${address.port}`;
  return `${at}/v2/models/${encodeURIComponent(name)}/infer`;
}
