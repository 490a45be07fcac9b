import type { FastifyInstance } from 'fastify';
import type { AzureMlControl } from './azureml.control.ts';
import { AzureError, answerHeaders, azureError, errorAnswer } from './azureml.errors.ts';

/** Puts the dialect beside the routes of the API: its addresses, errors and content types are the vendor's, so it has a corner of its own. */
export async function addAzureMl(
  app: FastifyInstance,
  control: AzureMlControl,
  bytesMax: number,
): Promise<void> {
  await app.register(async (own) => {
    own.removeAllContentTypeParsers();
    own.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bytesMax }, (_request, body, done) =>
      done(null, body),
    );
    own.setErrorHandler(async (error, request, reply) => {
      const known = asAzure(error, request.id);
      if (!(error instanceof AzureError) && known.status >= 500)
        request.log.error({ reqId: request.id, err: error }, 'the azureml dialect failed');
      const answer = errorAnswer(known, request.id);
      return reply
        .code(answer.status)
        .headers(Object.fromEntries(answer.headers))
        .send(await answer.text());
    });
    for (const url of ['/workspaces/*', '/apihelp/*'])
      own.route({
        method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url,
        handler: async (request, reply) => {
          const { status, headers, body } = await control.handle({
            method: request.method,
            url: request.url,
            headers: request.headers,
            ip: request.ip,
            text: Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '',
          });
          const { 'content-type': _, ...more } = answerHeaders(request.id);
          return reply
            .code(status)
            .headers({ ...more, ...headers })
            .send(body);
        },
      });
  });
}

function asAzure(error: unknown, requestId: string): AzureError {
  if (error instanceof AzureError) return error;
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status === 413)
    return azureError(
      'MemoryQuotaViolation',
      'OutOfMemoryLimit',
      'The request is larger than is taken here.',
    );
  if (status < 500) return azureError('BadArgument', 'RequestBodyInvalid', (error as Error).message);
  return azureError(
    'InternalError',
    'UnknownError',
    `Something broke on our side. Tell us the request id ${requestId}.`,
  );
}
