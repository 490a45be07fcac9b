import { createHash } from 'node:crypto';
import { newSealer, ownKeys } from '../../../platform/seal.ts';
import { isDenied } from '../calls.subscriber.ts';
import type { DataPlane, NewDataPlane, PlaneParts } from '../data-plane.ts';
import { newBreaker } from './breaker.ts';
import { newBuyerIds, newCredentials, secretOf } from './credentials.ts';
import { newDataAdmission } from './data.admit.ts';
import { allowedOrigin, inert, preflightAnswer, withOrigin } from './data.cors.ts';
import { type AnswerDescribed, newDescribedData } from './data.described.ts';
import { newFlights } from './data.flight.ts';
import { newForwardData } from './data.forward.ts';
import { listMine } from './data.list.ts';
import { newServiceClient } from './service-client.ts';
import { parseDataPath } from './services.ts';

/** Data services: `/data/{publisher}/{offer}/v1/...`, for buyers with one key. */
export const newDataServices =
  (answerDescribed: AnswerDescribed): NewDataPlane =>
  (parts) =>
    newPlane(parts, answerDescribed);

function newPlane(parts: PlaneParts, answerDescribed: AnswerDescribed): DataPlane {
  const { settings, sync, snapshot } = parts;
  const { seal } = ownKeys(settings.dataDir, settings.sealKeyHex);
  const breaker = newBreaker();
  const flights = newFlights({ parts, breaker, reports: sync.serviceReports });
  const via = `1.1 souk-${createHash('sha256').update(seal).update(settings.publicUrl).digest('hex').slice(0, 12)}`;
  const admit = newDataAdmission(parts, via);
  const sealer = newSealer(seal);
  const forwarding = {
    flights,
    ask: newServiceClient({
      outboundAllow: settings.outboundAllow ?? [],
      publicUrl: settings.publicUrl,
    }),
    credentialOf: newCredentials(sealer),
    buyerIdOf: newBuyerIds(seal),
    newDeadline: parts.newDeadline,
    answerBytesMax: settings.dataAnswerBytesMax ?? 1024 ** 3,
    via,
  };
  const forward = newForwardData(forwarding);
  const described = newDescribedData({
    ...forwarding,
    answerDescribed,
    openSecret: (service) => secretOf(sealer, service),
  });

  async function answer(request: Request, path: string, requestId: string): Promise<Response> {
    if (path === '/data/' || path === '/data') return listMine(parts, request, requestId);
    const name = parseDataPath(path)?.name ?? '';
    const asking = request.headers.get('origin');
    if (request.method === 'OPTIONS') return preflight(name, asking, requestId);
    const call = admit(request, path);
    if (isDenied(call)) {
      const refused = parts.refuse(call.code, call.params, requestId, 'odata', call.headers);
      return withOrigin(refused, allowedOrigin(snapshot.services.shown(name), asking));
    }
    const flight = flights.begin(request, call, requestId);
    const answered = await (call.service.section.isOData ? forward(flight) : described(flight));
    return withOrigin(answered, allowedOrigin([call.service], asking));
  }

  function preflight(product: string, asking: string | null, requestId: string): Response {
    const origin = allowedOrigin(snapshot.services.slots(product), asking);
    if (origin) return preflightAnswer(origin, requestId);
    const asked = (asking ?? 'other sites').slice(0, 200);
    return withOrigin(
      parts.refuse('data.origin_refused', { origin: asked, product }, requestId, 'odata'),
      undefined,
    );
  }

  return {
    matches: (path) => path.startsWith('/data/') || path === '/data',
    handle: async (request, path, requestId) => inert(await answer(request, path, requestId)),
  };
}
