import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { ServiceFailure } from '@souk/contract';
import { newODataFace, type ODataFace } from './dialects/odata/index.ts';
import type { AnswerDescribed, DescribedCall, ServiceRecord } from './domains/gateway/index.ts';
// The file itself: the index brings along imports and routes, and this runs in a process that stays small.
import { callOperation, publicOperation } from './domains/services/services.call.ts';

/** What one request for a described service is answered with: of all that run at the same time, the one that is asked for. */
interface Context {
  readonly call: DescribedCall;
  failure?: string;
}

/** Services that do not speak OData, shown as if they did: the OData face in front, their own operations behind it. */
export function newDescribedServices(sealingKeyHex: string | undefined): AnswerDescribed {
  const contexts = new AsyncLocalStorage<Context>();
  const faces = new WeakMap<ServiceRecord, ODataFace>();

  function faceOf(service: ServiceRecord): ODataFace {
    const known = faces.get(service);
    if (known) return known;
    const operations = service.section.operations ?? [];
    const face = newODataFace(
      {
        namespace: [service.publisher, service.product].map(identifier).join('.'),
        operations: operations.map(publicOperation),
        limits: { urlLengthMax: 70_000 },
        // The same on every gateway of an installation, and nobody else's.
        ...(sealingKeyHex && {
          pagingSecret: createHash('sha256')
            .update(`paging ${sealingKeyHex} ${service.productId}`)
            .digest('hex'),
        }),
      },
      async (name, args, { skip, top, signal }) => {
        const context = contexts.getStore();
        const operation = operations.find((one) => one.name === name);
        if (!context || !operation) throw new Error(`there is no operation ${name}`);
        const { call } = context;
        try {
          return await callOperation(service.section, operation, args, {
            credential: call.credential,
            fetch: call.fetch,
            signal,
            buyerId: call.buyerId,
            skip,
            top,
          });
        } catch (error) {
          if (error instanceof ServiceFailure) {
            // An error that the publisher has put into words is for the buyer as it is.
            if (error.status >= 500 && error.code !== 'service.declared_error') context.failure = error.code;
          } else context.failure = 'service.failed';
          throw error;
        }
      },
    );
    faces.set(service, face);
    return face;
  }

  return async (service, call) => {
    const context: Context = { call };
    const { request, root, path } = call;
    const answer = await contexts.run(context, () => faceOf(service).handle(request, { root, path }));
    return { ...answer, ...(context.failure === undefined ? {} : { failure: context.failure }) };
  };
}

const identifier = (slug: string) => slug.replaceAll('-', '_').replace(/^(?=\d)/, '_');
