import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { instanceUses } from './instance-hours.ts';
import { operation } from './operation.ts';
import { Currency, Decimal, fields, idOf, nullable, oneOf, record, Timestamp } from './schema.ts';

export const instanceErrors = defineErrors({
  'instance.subscription_not_active': {
    kind: 'conflict',
    message: 'The subscription {subscriptionId} is not active, so nothing may start to run under it.',
    remedy: 'Its page says why it is suspended or ended; subscribe again where it ended.',
  },
  'instance.running_missing': {
    kind: 'missing',
    message: 'There is nothing running of the kind {kind} with the id {id} in this account.',
    remedy: 'List what runs; it may have ended by itself.',
  },
});

export const workKinds = ['endpoint', 'transform-job', 'training-job', 'tuning-job'] as const;

/** Instances of one type that a thing has running, and what they cost. */
export const RunningInstances = record('RunningInstances', {
  use: oneOf(instanceUses),
  instanceType: Type.String(),
  instances: Type.Integer(),
  since: Timestamp,
  software: fields({ pricePerHour: Decimal, currency: Currency }),
  infrastructure: nullable(fields({ pricePerHour: Decimal, currency: Currency })),
});

export const RunningThing = record('RunningThing', {
  kind: oneOf(workKinds),
  id: Type.String({ maxLength: 100 }),
  name: Type.String(),
  state: Type.String({
    description:
      'In its own words, as InService; unseen: its instances give signs of life and nothing else is known.',
  }),
  version: nullable(Type.String()),
  page: nullable(Type.String()),
  subscriptionId: idOf('sub'),
  productTitle: Type.String(),
  instances: Type.Array(RunningInstances, {
    description: 'Those that run now, each with its prices per hour of one instance.',
  }),
  perHour: Type.Array(fields({ currency: Currency, amount: Decimal }), {
    description: 'What all its instances cost an hour; the infrastructure included.',
  }),
});
export type RunningThing = Static<typeof RunningThing>;

export const Running = record('Running', {
  items: Type.Array(RunningThing),
  perHour: Type.Array(fields({ currency: Currency, amount: Decimal })),
});
export type Running = Static<typeof Running>;

const subscription = fields({ subscriptionId: idOf('sub') });
const tag = 'running';

export const instanceOperations = {
  listRunning: operation({
    id: 'listRunning',
    method: 'GET',
    path: '/api/running',
    tag,
    summary: 'Everything of the account that runs or waits to run, and what it costs an hour',
    output: Running,
    errors: [],
  }),
  listSubscriptionRunning: operation({
    id: 'listSubscriptionRunning',
    method: 'GET',
    path: '/api/subscriptions/:subscriptionId/running',
    tag,
    summary: 'What runs under a subscription: what cancelling it would stop',
    params: subscription,
    output: Running,
    errors: ['subscription.missing'],
  }),
  stopRunning: operation({
    id: 'stopRunning',
    method: 'POST',
    path: '/api/running/:kind/:id/stop',
    tag,
    summary: 'Stop one thing that runs; of an endpoint, all its instances',
    params: fields({
      kind: Type.String({ maxLength: 40, description: 'As its entry in the list says.' }),
      id: Type.String({ minLength: 1, maxLength: 100 }),
    }),
    output: null,
    status: 204,
    errors: ['instance.running_missing'],
  }),
};
