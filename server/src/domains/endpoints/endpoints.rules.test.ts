import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, isEmpty, isReserved, scalingProblem, settingsFrom, wantedFor } from './endpoints.rules.ts';
import type { EndpointRow, InstanceRow } from './endpoints.ts';

const operator = { payloadBytesDefault: 25, payloadBytesMax: 100, timeoutSecondsMax: 900 };
const now = Date.parse('2026-11-20T12:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1000);
const settings = settingsFrom(undefined, { instancesMin: 1, instancesMax: 4, concurrency: 10 }, operator);

const endpoint = (more: Partial<EndpointRow> = {}): EndpointRow => ({
  id: 'ept_1',
  accountId: '1',
  name: 'iris',
  state: 'InService',
  reason: null,
  serving: 1,
  coming: null,
  settings,
  comingSettings: null,
  target: 1,
  asleep: false,
  wakeAskedAt: null,
  busyAt: ago(1),
  lowSince: null,
  stoppedReason: null,
  createdBy: 'a',
  createdAt: ago(100),
  updatedAt: ago(100),
  ...more,
});
const instance = (id: string, more: Partial<InstanceRow> = {}): InstanceRow => ({
  id,
  endpointId: 'ept_1',
  variant: 1,
  desired: 'running',
  state: 'ready',
  node: 'n',
  restarts: 0,
  failure: null,
  readyAt: ago(5),
  startingAt: ago(10),
  createdAt: ago(10),
  ...more,
});
const starting = (id: string, more: Partial<InstanceRow> = {}) =>
  instance(id, { state: 'starting', readyAt: null, ...more });
const next = (e: Partial<EndpointRow>, instances: InstanceRow[], load = 0) =>
  decide({ endpoint: endpoint(e), instances, load, now });
const creating = { state: 'Creating', serving: null, coming: 1, comingSettings: settings } as const;
const updating = { state: 'Updating', coming: 2, comingSettings: settings } as const;

test('a new endpoint gets its instances, and is in service when all of them answer', () => {
  assert.deepEqual(next(creating, []).add, [{ variant: 1, count: 1 }]);
  assert.ok(isEmpty(next(creating, [starting('a')])));
  const { set } = next(creating, [instance('a')]);
  assert.deepEqual([set.state, set.serving, set.coming, set.target], ['InService', 1, null, 1]);
});

test('a new endpoint whose instance ends three times, or takes too long, fails and leaves nothing running', () => {
  const late = starting('a', { startingAt: ago(settings.startSeconds + 11) });
  for (const failed of [starting('a', { state: 'down', restarts: 3, failure: 'boom' }), late]) {
    const { set, stop } = next(creating, [failed]);
    assert.deepEqual([set.state, stop], ['Failed', ['a']]);
    assert.match(set.reason ?? '', failed === late ? /within 480 s/ : /boom/);
  }
  assert.ok(
    isEmpty(next(creating, [starting('a', { startingAt: null, createdAt: ago(9999) })])),
    'no node yet',
  );
});

test('an update starts the new beside the old, and calls move when all of the new answer', () => {
  const old = instance('a');
  assert.deepEqual(next({ ...updating, target: 2 }, [old, instance('b')]).add, [{ variant: 2, count: 2 }]);
  const half = [old, instance('b'), instance('c', { variant: 2 }), starting('d', { variant: 2 })];
  assert.ok(isEmpty(next({ ...updating, target: 2 }, half, 12)));
  const all = [...half.slice(0, 3), instance('d', { variant: 2 })];
  const { set, stop } = next({ ...updating, target: 2 }, all);
  assert.deepEqual([set.state, set.serving, set.coming, stop], ['InService', 2, null, ['a', 'b']]);
});

test('an update that does not start is rolled back: the old goes on, with the reason', () => {
  const failed = starting('b', { variant: 2, state: 'down', restarts: 3, failure: 'no such file' });
  const { set, stop, notes } = next(updating, [instance('a'), failed]);
  assert.deepEqual([set.state, set.coming, set.serving, stop], ['RollingBack', null, undefined, ['b']]);
  assert.match(`${set.reason} ${notes[0]?.message}`, /no such file/);
  const ended = next({ state: 'RollingBack', reason: 'no such file' }, [instance('a')]);
  assert.deepEqual([ended.set.state, ended.set.reason], ['InService', undefined]);
  const left = { ...failed, desired: 'stopped' } as const;
  assert.equal(
    next({ state: 'RollingBack' }, [instance('a'), left]).set.state,
    undefined,
    'until it is gone',
  );
});

test('it grows with the calls that run at the same time, at once, and shrinks only when that lasts', () => {
  assert.deepEqual(
    [0, 7, 8, 14, 15, 1000].map((load) => wantedFor(settings, load)),
    [1, 1, 2, 2, 3, 4],
  );
  const grown = next({}, [instance('a')], 15);
  assert.deepEqual([grown.set.target, grown.add], [3, [{ variant: 1, count: 2 }]]);
  const three = [instance('a'), instance('b', { createdAt: ago(5) }), instance('c', { createdAt: ago(3) })];
  assert.deepEqual(next({ target: 3 }, three, 1).set, { lowSince: new Date(now) });
  const waited = { target: 3, lowSince: ago(settings.scaleInSeconds + 1) };
  assert.deepEqual([next(waited, three, 1).set.target, next(waited, three, 1).stop], [1, ['c', 'b']]);
  assert.deepEqual(next({ target: 3, lowSince: ago(5) }, three, 20).set, { lowSince: null }, 'busy again');
});

test('it falls asleep after its idle minutes, never under a call or while it is being woken or updated', () => {
  const idle = { settings: { ...settings, idleMinutes: 5 }, busyAt: ago(301) };
  const slept = next(idle, [instance('a')]);
  assert.deepEqual([slept.set.asleep, slept.set.target, slept.stop], [true, 0, ['a']]);
  assert.equal(next(idle, [instance('a')], 1).set.asleep, undefined);
  assert.equal(next({ ...idle, busyAt: ago(299) }, [instance('a')]).set.asleep, undefined);
  assert.equal(next({ ...idle, wakeAskedAt: ago(400) }, [starting('a')]).set.asleep, undefined);
  assert.equal(
    next({ ...idle, ...updating, settings: idle.settings }, [instance('a')]).set.asleep,
    undefined,
  );
  assert.ok(isEmpty(next({ ...idle, asleep: true, target: 0 }, [])));
});

test('how long waking took counts from the call that woke it until the first instance answered', () => {
  const { set, notes } = next({ wakeAskedAt: ago(9) }, [instance('a', { readyAt: ago(5) })]);
  assert.equal(set.wakeAskedAt, null);
  assert.deepEqual(notes[0]?.details, { durationMs: 4000 });
});

test('it is out of service while its instances fail, and back when one answers', () => {
  const down = starting('a', { state: 'down', restarts: 1, failure: 'out of memory' });
  const out = next({}, [down]);
  assert.deepEqual([out.set.state, out.set.reason], ['OutOfService', 'out of memory']);
  assert.equal(next({}, [down, instance('b')], 9).set.state, undefined, 'another one answers');
  assert.equal(next({ state: 'OutOfService' }, [instance('a', { restarts: 1 })]).set.state, 'InService');
});

test('one that is deleted drains, and goes when nothing of it is left; one that is stopped stays', () => {
  const deleting = next({ state: 'Deleting' }, [instance('a')]);
  assert.deepEqual([deleting.stop, deleting.remove], [['a'], false]);
  assert.ok(isEmpty(next({ state: 'Deleting' }, [instance('a', { desired: 'stopped' })])));
  assert.equal(next({ state: 'Deleting' }, []).remove, true);
  const stopped = { state: 'OutOfService', stoppedReason: 'cancelled' } as const;
  assert.deepEqual(next(stopped, [instance('a')]).stop, ['a']);
  assert.ok(isEmpty(next(stopped, [])));
});

test('settings are what was given over what was before', () => {
  assert.deepEqual([settings.payloadBytesMax, settings.timeoutSeconds, settings.idleMinutes], [25, 60, null]);
  const fixed = settingsFrom(settings, { instances: 2 }, operator);
  assert.deepEqual([fixed.instancesMin, fixed.instancesMax, fixed.concurrency], [2, 2, 10]);
  assert.equal(settingsFrom(settings, { instancesMin: 6 }, operator).instancesMax, 6);
  assert.equal(
    settingsFrom({ ...settings, idleMinutes: 9 }, { idleMinutes: null }, operator).idleMinutes,
    null,
  );
  assert.match(scalingProblem(fixed, { instances: 2, instancesMax: 3 }) ?? '', /fixed number/);
  const crossed = settingsFrom(settings, { instancesMin: 3, instancesMax: 2 }, operator);
  assert.match(scalingProblem(crossed, {}) ?? '', /only 2/);
  assert.deepEqual(['SAGEMAKER_X', 'PATH', 'MODE'].map(isReserved), [true, true, false]);
});
