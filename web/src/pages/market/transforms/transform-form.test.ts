import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestOf, type TransformForm } from './transform-form.ts';

const form: TransformForm = {
  name: ' job ',
  subscriptionId: 'sub_1',
  modelPackage: '',
  input: '/in/',
  output: 's3://bucket/out',
  contentType: 'text/csv',
  splitType: 'Line',
  compressionType: 'None',
  instanceType: 'ml.m5.large',
  instanceCount: 1,
  strategy: '',
  payloadMb: '',
  concurrent: '',
  timeoutSeconds: '',
  inputFilter: '',
  outputFilter: '',
  join: false,
  accept: '',
};

test('a job runs a subscription, or a model of the account: never both', () => {
  const modelOf = (modelPackage: string) => requestOf({ ...form, modelPackage }, '123456789012').model;
  assert.deepEqual(modelOf(''), { subscriptionId: 'sub_1' });
  assert.deepEqual(modelOf('flowers'), { modelPackage: 'flowers' });
});

test('paths become locations of the account; what is left empty is left to the model', () => {
  const request = requestOf(form, '123456789012');
  assert.equal(request.transformInput.uri, 'souk://123456789012/in/');
  assert.equal(request.transformOutput.uri, 's3://bucket/out');
  for (const name of ['batchStrategy', 'maxPayloadInMB', 'modelClientConfig', 'dataProcessing'])
    assert.equal(name in request, false, name);
  const full = requestOf(
    { ...form, payloadMb: '0', strategy: 'SingleRecord', join: true, timeoutSeconds: '5' },
    '123456789012',
  );
  assert.deepEqual(
    [full.maxPayloadInMB, full.batchStrategy, full.dataProcessing, full.modelClientConfig],
    [0, 'SingleRecord', { joinSource: 'Input' }, { invocationsTimeoutInSeconds: 5 }],
  );
});
