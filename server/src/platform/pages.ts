import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { errorAnchor, errorKinds, errorRegistry, openApi, operations } from '@souk/contract';
import type { FastifyInstance } from 'fastify';

const webFolder = fileURLToPath(new URL('../../../web/dist/', import.meta.url));
const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** Scripts and styles of our own only; images also as data (icons) and from where products link to. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "object-src 'none'",
].join('; ');

/** The web application, the API's description and its readable reference. */
export async function addPages(app: FastifyInstance, publicUrl: string): Promise<void> {
  app.addHook('onSend', async (_request, reply) => {
    reply
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'same-origin')
      .header('x-frame-options', 'DENY');
  });
  const description = JSON.stringify(openApi(Object.values(operations), { version, serverUrl: publicUrl }));
  app.get('/openapi.json', async (_request, reply) =>
    reply
      .type('application/json; charset=utf-8')
      .header('access-control-allow-origin', '*')
      .send(description),
  );
  addReference(app);
  if (!existsSync(join(webFolder, 'index.html'))) return;
  const page = readFileSync(join(webFolder, 'index.html'), 'utf8');
  await app.register(fastifyStatic, {
    root: join(webFolder, 'assets'),
    prefix: '/assets/',
    immutable: true,
    maxAge: '365d',
    decorateReply: false,
    preCompressed: true,
  });
  await app.register(fastifyStatic, {
    root: webFolder,
    prefix: '/',
    wildcard: false,
    index: false,
    decorateReply: false,
    globIgnore: ['assets/**', 'index.html'],
    cacheControl: false,
  });
  // Every other address is a page of the application; the API answers its own unknown ones.
  app.get('/*', async (request, reply) => {
    if (/^\/(api|media|call|v2)\//.test(request.url)) return reply.callNotFound();
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .header('content-security-policy', contentSecurityPolicy)
      .send(page);
  });
}

function addReference(app: FastifyInstance) {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const file = (name: string) => readFileSync(join(folder, name));
  const assets: Record<string, [string, () => Buffer | string]> = {
    'swagger-ui.css': ['text/css; charset=utf-8', () => file('swagger-ui.css')],
    'swagger-ui-bundle.js': ['text/javascript; charset=utf-8', () => file('swagger-ui-bundle.js')],
    'start.js': [
      'text/javascript; charset=utf-8',
      () =>
        "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true, defaultModelsExpandDepth: 0, docExpansion: 'list', tryItOutEnabled: true });",
    ],
  };
  app.get('/docs', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', contentSecurityPolicy)
      .send(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Souk API</title>' +
          '<link rel="stylesheet" href="/docs/assets/swagger-ui.css"><body><div id="reference"></div><script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/assets/start.js"></script></body></html>',
      ),
  );
  app.get('/docs/assets/:name', async (request, reply) => {
    const asset = assets[(request.params as { name: string }).name];
    return asset
      ? reply.type(asset[0]).header('cache-control', 'max-age=3600').send(asset[1]())
      : reply.callNotFound();
  });
  app.get('/docs/errors', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', contentSecurityPolicy)
      .send(errorsPage()),
  );
}

/** Where the `docs` of an error answer points to. */
function errorsPage(): string {
  const asText = (s: string) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const entries = Object.entries(errorRegistry).map(([code, e]) => {
    const definition: { kind: keyof typeof errorKinds; message: string; remedy: string; status?: number } = e;
    return `<h2 id="${errorAnchor(code)}"><code>${code}</code></h2><p>${asText(definition.message)}</p><p><b>What to do:</b> ${asText(definition.remedy)}</p><p>HTTP ${definition.status ?? errorKinds[definition.kind].status}, kind ${definition.kind}, exit code ${errorKinds[definition.kind].exitCode}</p>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Errors of the Souk API</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}h2{font-size:1rem;margin-top:2rem}:target{background:#ffeb3b44}</style><body><h1>Errors</h1>${entries.join('')}</body></html>`;
}
