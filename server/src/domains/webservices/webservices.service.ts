import {
  webServiceLimits as limits,
  type NewWebService,
  type WebService,
  type WebServiceKeys,
  type WebServiceSchema,
  type WebServiceSummary,
  type WebServiceTraffic,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import type { Endpoints } from '../endpoints/index.ts';
import { type Runnable, type RunnableRef, runnableRef } from '../subscriptions/index.ts';
import { endpointView, newEndpointRow } from './webservices.endpoints.service.ts';
import { newHexId, summaryOf, workspaceOf } from './webservices.rules.ts';
import { checkSchema, inferSchema, type ModelFacts, wireOf } from './webservices.schema.ts';
import * as store from './webservices.sql.ts';
import type { WebServiceRow } from './webservices.ts';

export interface WebServiceNeeds {
  /** What an account may run now; refuses in the words of the subscription. */
  runnable(db: Db, accountId: string, ref: RunnableRef): Promise<Runnable>;
  readonly endpoints: Pick<Endpoints, 'create' | 'remove'>;
}

export type WebServices = ReturnType<typeof newWebServices>;
const minuteMs = 60_000;

export function newWebServices(platform: Platform, needs: WebServiceNeeds) {
  const { db, clock, config } = platform;

  async function own(accountId: string, id: string): Promise<WebServiceRow> {
    const found = await store.find(db, id);
    return found?.accountId === accountId ? found : fail('web_service.missing', { service: id });
  }

  async function view(s: WebServiceRow): Promise<WebService> {
    const endpoints = await store.endpoints(db, s.id);
    return {
      ...summaryOf(s),
      schema: s.schema,
      wire: s.wire,
      endpoints: endpoints.map((e) => endpointView(config.publicUrl, s, e)),
    };
  }

  async function factsOf(accountId: string, r: Runnable): Promise<ModelFacts> {
    const known = r.modelPackage
      ? await store.knownModel(db, accountId, r.modelPackage)
      : await store.knownVersion(db, r.subscriptionId, r.version);
    const [input, output] = [known?.details?.input, known?.details?.output];
    // What only the checks know (the publisher's validation profile) is shown to nobody but who made the model.
    const ownProfile = r.modelPackage ? known?.profile : undefined;
    const texts = (...given: (string | null | undefined)[]) => given.filter((t) => typeof t === 'string');
    return {
      name: r.name,
      onnx: known?.onnx ?? null,
      inputs: texts(
        input?.samples?.batch,
        input?.samples?.realtime,
        ...(input?.formats ?? []).flatMap((f) => [f.batch, f.realtime]),
        ownProfile?.input.body,
      ),
      outputs: texts(
        output?.samples?.batch,
        output?.samples?.realtime,
        ...(output?.formats ?? []).flatMap((f) => [f.batch, f.realtime]),
        ownProfile?.expected.body,
      ),
      attributes: input?.customAttributes ?? [],
      contentTypes: r.contentTypes,
    };
  }

  /** What the model itself says of its columns; null where it says nothing. */
  function schemaOf(facts: ModelFacts, given: WebServiceSchema | undefined): WebServiceSchema {
    if (!given) return inferSchema(facts, limits.rowsDefault);
    const widths = { input: null as number | null, output: null as number | null };
    try {
      const inferred = inferSchema(facts, limits.rowsDefault);
      widths.input = inferred.input.columns.length;
      widths.output = inferred.output.columns.length;
    } catch {
      // Nothing to hold it against: the first call will tell.
    }
    checkSchema(given, widths);
    return given;
  }

  async function create(
    caller: Member,
    body: NewWebService,
  ): Promise<{ service: WebService; keys: WebServiceKeys }> {
    const { accountId } = caller;
    const { name, description = '', schema: wanted, ...running } = body;
    if ((await store.count(db, accountId)) >= limits.perAccount)
      fail('web_service.too_many', { limit: limits.perAccount });
    const runnable = await needs.runnable(db, accountId, runnableRef(body));
    const facts = await factsOf(accountId, runnable);
    const wire = wireOf(facts);
    const schema = schemaOf(facts, wanted);
    const id = newHexId();
    const servedBy = await needs.endpoints.create(caller, {
      ...running,
      name: `${slugOf(name)}-${id.slice(0, 8)}`,
    });
    const first = newEndpointRow(id, { name: 'default' }, { isDefault: true, by: caller.email });
    try {
      await inTx(db, async (tx) => {
        const now = clock.now();
        const workspace = workspaceOf(accountId);
        const made = {
          id,
          accountId,
          workspace,
          name,
          description,
          servedBy: servedBy.id,
          runs: runnable.name,
        };
        await store.insert(tx, { ...made, schema, wire, createdBy: caller.email, now });
        await store.insertEndpoint(tx, first.row);
        await audit(tx, caller, 'webservice.created', id, {
          name,
          runs: runnable.name,
          instanceType: body.instanceType,
        });
      });
    } catch (error) {
      // Nobody would find what runs without its web service.
      await needs.endpoints.remove(caller, servedBy.name);
      throw error;
    }
    return { service: await view(await own(accountId, id)), keys: first.keys };
  }

  async function update(
    caller: Member,
    id: string,
    change: { name?: string; description?: string; schema?: WebServiceSchema },
  ): Promise<WebService> {
    const before = await own(caller.accountId, id);
    if (change.schema)
      checkSchema(change.schema, {
        input: before.schema.input.columns.length,
        output: before.schema.output.columns.length,
      });
    const { name, description, schema } = { ...before, ...change };
    await inTx(db, async (tx) => {
      await store.update(tx, id, { name, description, schema });
      await audit(tx, caller, 'webservice.updated', id, { name, changed: Object.keys(change) });
    });
    return view(await own(caller.accountId, id));
  }

  async function remove(caller: Member, id: string): Promise<void> {
    const s = await own(caller.accountId, id);
    await inTx(db, async (tx) => {
      await store.lock(tx, caller.accountId, id);
      const frozen = (await store.endpoints(tx, id)).find((e) => e.readOnly);
      if (frozen) fail('web_service.endpoint_frozen', { endpoint: frozen.name });
      await store.remove(tx, id);
      await audit(tx, caller, 'webservice.deleted', id, { name: s.name });
    });
    if (s.servedByState !== 'Deleting') await needs.endpoints.remove(caller, s.servedByName);
  }

  return {
    create,
    update,
    remove,
    own,
    get: async (accountId: string, id: string): Promise<WebService> => view(await own(accountId, id)),
    list: async (accountId: string): Promise<{ items: WebServiceSummary[] }> => ({
      items: (await store.list(db, accountId)).map(summaryOf),
    }),
    async traffic(accountId: string, id: string, minutes = 60): Promise<WebServiceTraffic> {
      await own(accountId, id);
      const since = new Date(Math.floor(clock.now().getTime() / minuteMs - minutes + 1) * minuteMs);
      const found = await store.traffic(db, id, since);
      return {
        minutes: found.map(({ minute, durationMs, ...m }) => ({
          at: minute.toISOString(),
          ...m,
          meanMs: m.calls > 0 ? Math.round((durationMs / m.calls) * 100) / 100 : null,
        })),
      };
    },
  };
}

/** As a name of an endpoint begins. */
const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '') || 'service';
