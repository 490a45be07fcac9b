import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networksOf, refusalOf } from './outbound-addresses.ts';

const refused = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.8.8.8',
  '168.63.129.16',
  '169.254.169.254',
  '169.254.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '::ffff:0:10.0.0.1',
  '::127.0.0.1',
  '64:ff9b::10.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::192.168.0.1',
  '2002:0a00:0001::1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:db8::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'fd00:ec2::254',
  'ff02::1',
  '100::1',
  '4000::1',
  '2606:4700::5efe:10.0.0.1',
];

for (const address of refused)
  test(`${address} is refused`, () => assert.ok(refusalOf(address, []), 'a reason was expected'));

for (const address of ['1.1.1.1', '93.184.216.34', '2606:4700::1111', '64:ff9b::1.1.1.1', '::ffff:8.8.8.8'])
  test(`${address} may be called`, () => assert.equal(refusalOf(address, []), undefined));

test('a network that the operator allows may be called, in whatever form its address comes', () => {
  const allowed = networksOf(['10.1.0.0/16', '::1', 'fd00::/8']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '64:ff9b::10.1.2.3', '::1', 'fd12::1'])
    assert.equal(refusalOf(address, allowed), undefined, address);
  for (const address of ['10.2.0.1', '127.0.0.1']) assert.ok(refusalOf(address, allowed), address);
});

test('an address that is allowed with a port may be called at that port only', () => {
  const allowed = networksOf(['127.0.0.1:4610', '[fd00::1]:8443']);
  assert.equal(refusalOf('127.0.0.1', allowed, 4610), undefined);
  assert.equal(refusalOf('::ffff:127.0.0.1', allowed, 4610), undefined);
  assert.equal(refusalOf('fd00::1', allowed, 8443), undefined);
  for (const [address, port] of [
    ['127.0.0.1', 5432],
    ['127.0.0.2', 4610],
    ['fd00::1', 443],
    ['127.0.0.1', undefined],
  ] as const)
    assert.ok(refusalOf(address, allowed, port), `${address} ${port}`);
});

test('an allowed network that cannot be read stops the start', () => {
  assert.throws(() => networksOf(['10.1.0.0/99x']), /SOUK_OUTBOUND_ALLOW/);
  assert.throws(() => networksOf(['intranet']), /SOUK_OUTBOUND_ALLOW/);
});
