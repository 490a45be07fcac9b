import { after } from 'node:test';
import { findSandbox } from '../../../platform/sandbox.ts';
import { servingSuite } from '../serving.suite.ts';
import { programsForTests } from './testing.ts';

const sandbox = await findSandbox();
const programs = programsForTests();
after(programs.close);

servingSuite({
  kind: 'process',
  missing: sandbox.kind === 'none' ? sandbox.reason : null,
  start: (model) => programs.start(model === 'broken' ? 'empty' : 'model'),
  eat: { contentType: 'application/json', body: 'eat' },
  slow: { contentType: 'application/json', body: '{"instances":[[0.125,1]]}', holds: /0\.125/ },
});
