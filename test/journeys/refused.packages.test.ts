import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Finding } from '@souk/contract';
import { operations } from '@souk/contract';
import {
  block,
  elementType,
  int,
  model,
  node,
  tensorInfo,
} from '../../examples/iris-classifier/onnx-writer.ts';
import { tar } from '../../server/src/domains/certification/archive/sample-archives.ts';
import { irisFile } from '../iris-document.ts';
import { checked, irisModel, upload } from './publish.ts';
import { type Person, type RunningSouk, removeFolder, signUp, startSouk } from './souk.ts';

/** What certification must not let pass, uploaded as anybody would: the package fails, and is told where and how. */
let souk: RunningSouk;
let publisher: Person;
before(async () => {
  souk = await startSouk();
  publisher = await signUp(souk.url, 'publisher');
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
});

const iris = irisFile('model.onnx');
// In parts: whole, it would have this file quarantined.
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-', 'ANTIVIRUS-TEST-', 'FILE!$H+H*'].join('');
/** What `pickle.dumps` makes of an object that runs a command when it is read. */
const pickle = Buffer.from(
  '80049520000000000000008c05706f736978948c0673797374656d9493948c026964948594529 42e'.replaceAll(' ', ''),
  'hex',
);

/** y = x times weights that lie in another file. */
function externalModel(location: string): Uint8Array {
  const entry = (key: string, value: string) => block(13, [block(1, key), block(2, value)]);
  const weights = Buffer.concat([
    ...[int(1, 4), int(1, 4), int(2, elementType.float), block(8, 'w')],
    ...[entry('location', location), entry('length', '64'), int(14, 1)],
  ]);
  return model({
    name: 'outside',
    nodes: [node({ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] })],
    initializers: [weights],
    inputs: [tensorInfo('x', elementType.float, ['n', 4])],
    outputs: [tensorInfo('y', elementType.float, ['n', 4])],
    opset: 17,
  });
}

const cases: [name: string, archive: Uint8Array, file: string, code: string, file: string | null][] = [
  [
    'a-pickle',
    tar({ path: 'model.onnx', content: iris }, { path: 'weights.pkl', content: pickle }),
    'm.tar',
    'unsafe.pickle',
    'weights.pkl',
  ],
  [
    'a-path',
    tar({ path: 'model.onnx', content: iris }, { path: '../../etc/cron.d/x', content: 'x' }),
    'm.tar',
    'archive.path_escapes',
    '../../etc/cron.d/x',
  ],
  [
    'a-link',
    tar({ path: 'model.onnx', content: iris }, { path: 'a', type: '2', target: '/etc/passwd' }),
    'm.tar',
    'archive.link_escapes',
    'a',
  ],
  [
    'a-virus',
    tar({ path: 'model.onnx', content: iris }, { path: 'docs/readme.txt', content: eicar }),
    'm.tar',
    'malware.found',
    'docs/readme.txt',
  ],
  [
    'a-script',
    tar({ path: 'model.onnx', content: iris }, { path: 'run.sh', content: '#!/bin/sh\nid\n' }),
    'm.tar',
    'unsafe.script',
    'run.sh',
  ],
  [
    'an-operator',
    Buffer.from(iris.toString('latin1').replace('Softmax', 'Sofdmax'), 'latin1'),
    'model.onnx',
    'onnx.operator_unknown',
    'model.onnx',
  ],
  [
    'outside',
    tar({ path: 'model.onnx', content: Buffer.from(externalModel('../../weights.bin')) }),
    'm.tar',
    'onnx.external_escapes',
    'model.onnx',
  ],
  ['no-model', tar({ path: 'readme.txt', content: 'nothing' }), 'm.tar', 'package.model_missing', null],
  [
    'no-archive',
    Buffer.from('this is not an archive, and no model either'),
    'm.tar',
    'archive.kind_unknown',
    null,
  ],
];

for (const [name, archive, fileName, code, file] of cases)
  test(`a package with ${code} fails, says where, and what to do`, async () => {
    const { client } = publisher;
    const { uploadId } = await upload(client, archive, fileName, 'model');
    await client.ok(operations.createModelPackage, { body: irisModel(name, uploadId) });
    const failed = await checked(client, name);
    assert.equal(failed.status, 'Failed');
    const found: Finding | undefined = failed.findings.find((f) => f.code === code);
    assert.ok(found, JSON.stringify(failed.findings));
    assert.deepEqual([found.severity, found.file], ['error', file]);
    assert.ok(found.message.length > 20 && found.remedy.length > 10, JSON.stringify(found));
    const first = failed.findings.find((f) => f.severity === 'error');
    assert.ok(first && failed.failureReason?.startsWith(first.message), failed.failureReason ?? '');
    assert.deepEqual(
      [failed.imageScanStatuses[0]?.status, failed.validationStatuses[0]?.status],
      ['Failed', 'NotStarted'],
    );
  });

test('a model that answers its own sample in another form than was declared fails in validation', async () => {
  const { client } = publisher;
  const { uploadId } = await upload(client, iris, 'model.onnx', 'model');
  const body = irisModel('another-form', uploadId);
  const [profile] = body.validationSpecification.validationProfiles;
  assert.ok(profile);
  profile.expected.body = '{"species": ["setosa"]}';
  await client.ok(operations.createModelPackage, { body });
  const failed = await checked(client, 'another-form');
  assert.deepEqual([failed.status, failed.imageScanStatuses[0]?.status], ['Failed', 'Completed']);
  assert.match(failed.findings[0]?.code ?? '', /^validation\./);
});
