import {
  type BodyOf,
  type Endpoint,
  type EndpointEvents,
  type EndpointLogs,
  type EndpointSummary,
  type EndpointTraffic,
  endpointLimits as limits,
  type operations,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx, violated } from '../../platform/db.ts';
import { fail, failAt } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { type Runnable, type RunnableRef, runnableRef } from '../subscriptions/index.ts';
import { isReserved, type OperatorLimits, scalingProblem, settingsFrom } from './endpoints.rules.ts';
import * as store from './endpoints.sql.ts';
import type { EndpointRow, VariantRow } from './endpoints.ts';
import { endpointView, trafficView } from './endpoints.views.ts';

export interface EndpointNeeds {
  /** What an account may run now; refuses in the words of the subscription. */
  runnable(db: Db, accountId: string, ref: RunnableRef): Promise<Runnable>;
  /** Instance types that the operator offers. */
  instanceTypes(): Promise<readonly string[]>;
  /** Refuses what is no location of the account. */
  checkLocation(accountId: string, uri: string): Promise<void>;
}

type Creation = BodyOf<typeof operations.createEndpoint>;
type Change = BodyOf<typeof operations.updateEndpoint>;
export type Endpoints = ReturnType<typeof newEndpoints>;

const minuteMs = 60_000;

export function newEndpoints(platform: Platform, needs: EndpointNeeds) {
  const { db, clock, config } = platform;
  const operator: OperatorLimits = {
    payloadBytesDefault: config.payloadBytesMax,
    payloadBytesMax: config.endpointPayloadBytesMax,
    timeoutSecondsMax: config.endpointTimeoutSecondsMax,
  };

  async function view(e: EndpointRow): Promise<Endpoint> {
    const [variants, instances, load, coldStarts] = await Promise.all([
      store.variants(db, [e.id]),
      store.instances(db, [e.id]),
      store.load(db, e.id),
      store.coldStarts(db, e.id),
    ]);
    return endpointView(e, { variants, instances, load, coldStarts, publicUrl: config.publicUrl });
  }

  async function find(accountId: string, name: string): Promise<EndpointRow> {
    return (await store.find(db, accountId, name)) ?? fail('endpoint.missing', { endpoint: name });
  }

  /** What is given, over what was before, within what the operator allows. */
  function settingsOf(before: EndpointRow['settings'] | undefined, given: Change) {
    const settings = settingsFrom(before, given, operator);
    const problem = scalingProblem(settings, given);
    if (problem) fail('endpoint.scaling_contradicts', { problem });
    const { payloadBytesMax: bytes, timeoutSeconds: seconds } = settings;
    if (bytes > operator.payloadBytesMax)
      failAt('/payloadBytesMax', 'endpoint.payload_limit', { limitBytes: operator.payloadBytesMax, bytes });
    if (seconds > operator.timeoutSecondsMax)
      failAt('/timeoutSeconds', 'endpoint.timeout_limit', {
        limitSeconds: operator.timeoutSecondsMax,
        seconds,
      });
    if (given.capture && !given.capture.requests && !given.capture.answers)
      failAt('/capture', 'endpoint.capture_nothing');
    for (const name of Object.keys(given.environment ?? {}))
      if (isReserved(name)) failAt(`/environment/${name}`, 'endpoint.environment_reserved', { name });
    return settings;
  }

  async function variantOf(
    caller: Member,
    endpointId: string,
    number: number,
    wanted: { ref: RunnableRef; instanceType: string; environment: Readonly<Record<string, string>> },
  ): Promise<VariantRow> {
    const runnable = await needs.runnable(db, caller.accountId, wanted.ref);
    const offered = await needs.instanceTypes();
    const supported = runnable.instanceTypes.realtime.filter((t) => offered.includes(t));
    if (!supported.includes(wanted.instanceType))
      failAt('/instanceType', 'endpoint.instance_type_unsupported', {
        product: runnable.name,
        instanceType: wanted.instanceType,
        instanceTypes: supported.join(', ') || 'none: the operator offers none of those that it supports',
      });
    return {
      endpointId,
      number,
      subscriptionId: runnable.subscriptionId,
      productId: runnable.productId,
      version: runnable.version,
      modelPackage: runnable.modelPackage,
      name: runnable.name,
      modelName: runnable.modelName,
      servable: runnable.servable,
      instanceType: wanted.instanceType,
      environment: wanted.environment,
      createdBy: caller.email,
      createdAt: clock.now(),
    };
  }

  async function create(caller: Member, body: Creation): Promise<Endpoint> {
    const { accountId } = caller;
    const { name, instanceType, environment = {} } = body;
    const ref = runnableRef(body);
    const settings = settingsOf(undefined, body);
    if (body.capture) await needs.checkLocation(accountId, body.capture.location);
    if (await store.find(db, accountId, name)) fail('endpoint.name_taken', { endpoint: name });
    if ((await store.count(db, accountId)) >= limits.perAccount)
      fail('endpoint.too_many', { limit: limits.perAccount });
    const id = newId('ept');
    const variant = await variantOf(caller, id, 1, { ref, instanceType, environment });
    try {
      await inTx(db, async (tx) => {
        await store.insert(tx, { id, accountId, name, settings, by: caller.email, now: clock.now() });
        await store.insertVariant(tx, variant);
        const message = `${caller.email} created it: ${variant.name} on ${instanceType}.`;
        await store.note(tx, id, { kind: 'created', message });
        await audit(tx, caller, 'endpoint.created', id, { name, runs: variant.name, instanceType });
      });
    } catch (error) {
      if (violated(error) === 'endpoints_name') fail('endpoint.name_taken', { endpoint: name });
      throw error;
    }
    return view(await find(accountId, name));
  }

  async function update(caller: Member, name: string, body: Change): Promise<Endpoint> {
    if (Object.keys(body).length === 0) fail('endpoint.nothing_to_change', { endpoint: name });
    const before = await find(caller.accountId, name);
    refuseBusy(before);
    const settings = settingsOf(before.settings, body);
    if (body.capture) await needs.checkLocation(caller.accountId, body.capture.location);
    const own = await store.variants(db, [before.id]);
    const from = own.find((v) => v.number === before.serving) ?? own.at(-1);
    if (!from) throw new Error(`endpoint ${before.id} has no variant`);
    const count =
      settings.instancesMin !== before.settings.instancesMin ||
      settings.instancesMax !== before.settings.instancesMax;
    // Also an endpoint that does not serve is brought up anew, whatever is changed.
    const anew =
      before.serving === null ||
      before.state !== 'InService' ||
      before.stoppedReason !== null ||
      count ||
      [body.version, body.modelPackage, body.instanceType, body.environment].some(
        (given) => given !== undefined,
      );
    const variant = anew
      ? await variantOf(caller, before.id, from.number + 1, {
          ref: runnableRef(sourceOf(from, body)),
          instanceType: body.instanceType ?? from.instanceType,
          environment: body.environment ?? from.environment,
        })
      : undefined;
    await inTx(db, async (tx) => {
      const e = (await store.lock(tx, before.id)) ?? fail('endpoint.missing', { endpoint: name });
      refuseBusy(e);
      if (variant) {
        const number = (await store.lastVariant(tx, e.id)) + 1;
        await store.insertVariant(tx, { ...variant, number });
        const state = e.serving === null ? 'Creating' : 'Updating';
        await store.update(tx, e.id, { coming: number, settings, state });
        const message = `${caller.email} updates it to ${variant.name} on ${variant.instanceType} (variant ${number}).`;
        await store.note(tx, e.id, { kind: 'updating', message });
      } else {
        await store.setSettings(tx, e.id, settings);
        await store.note(tx, e.id, { kind: 'changed', message: `${caller.email} changed its settings.` });
      }
      const { environment, ...told } = body;
      await audit(tx, caller, 'endpoint.updated', e.id, {
        name,
        ...told,
        ...(environment ? { environment: Object.keys(environment) } : {}),
      });
    });
    return view(await find(caller.accountId, name));
  }

  /** What is named is what runs from now on; else it stays what it is. */
  function sourceOf(from: VariantRow, { version, modelPackage = from.modelPackage ?? undefined }: Change) {
    if (modelPackage !== undefined) return { modelPackage, version };
    return { subscriptionId: from.subscriptionId, version: version ?? from.version };
  }

  function refuseBusy(e: EndpointRow) {
    if (e.coming !== null || e.state === 'Deleting' || e.state === 'RollingBack')
      fail('endpoint.busy', { endpoint: e.name, state: e.state });
  }

  async function remove(caller: Member, name: string): Promise<Endpoint> {
    const e = await find(caller.accountId, name);
    const before = await view(e);
    await inTx(db, async (tx) => {
      if ((await store.beginDeletion(tx, e.id)) === 0) return;
      await store.note(tx, e.id, { kind: 'deleting', message: `${caller.email} deleted it.` });
      await audit(tx, caller, 'endpoint.deleted', e.id, { name });
    });
    return { ...before, state: 'Deleting', coming: null };
  }

  async function list(accountId: string): Promise<{ items: EndpointSummary[] }> {
    const all = await store.list(db, accountId);
    const ids = all.map((e) => e.id);
    const [variants, instances, loads] = await Promise.all([
      store.variants(db, ids),
      store.instances(db, ids),
      store.loads(db),
    ]);
    const items = all.map((e) => {
      const parts = {
        variants: variants.filter((v) => v.endpointId === e.id),
        instances: instances.filter((i) => i.endpointId === e.id),
        load: loads.get(e.id) ?? 0,
        coldStarts: [],
        publicUrl: config.publicUrl,
      };
      const { instances: _, coldStarts: __, url: ___, ...summary } = endpointView(e, parts);
      return summary;
    });
    return { items };
  }

  return {
    create,
    update,
    remove,
    list,
    get: async (accountId: string, name: string): Promise<Endpoint> => view(await find(accountId, name)),
    async traffic(accountId: string, name: string, minutes = 60): Promise<EndpointTraffic> {
      const { id } = await find(accountId, name);
      const since = new Date(Math.floor(clock.now().getTime() / minuteMs - minutes + 1) * minuteMs);
      return trafficView(await store.traffic(db, id, since), since, minutes);
    },
    async events(accountId: string, name: string): Promise<EndpointEvents> {
      const { id } = await find(accountId, name);
      const found = await store.events(db, id, 200);
      return { items: found.map((e) => ({ ...e, at: e.at.toISOString() })) };
    },
    async logs(
      accountId: string,
      name: string,
      { after, limit = 200 }: { after?: number; limit?: number },
    ): Promise<EndpointLogs> {
      const { id } = await find(accountId, name);
      const found = await store.logs(db, id, after, limit);
      return { items: found.map((l) => ({ ...l, at: l.at.toISOString() })) };
    },
  };
}
