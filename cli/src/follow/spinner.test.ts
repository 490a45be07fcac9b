import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitting } from './spinner.ts';

const esc = String.fromCharCode(27);
const red = (text: string) => `${esc}[31m${text}${esc}[39m`;

test('a coloured line is cut to the width of what is seen, and its colours stay closed', () => {
  assert.equal(fitting(`${red('✗')} refused`, 20), `${red('✗')} refused`);
  assert.equal(fitting(`${red('✗')} refused`, 5), `${red('✗')} re…`);
  assert.equal(fitting(red('abcdef'), 4), `${esc}[31mabc${esc}[39m…`);
});
