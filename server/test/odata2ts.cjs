// Runs the generator odata2ts with the compiler that ts-morph brings: it wants the interface of TypeScript 5, and the house compiles with a
// TypeScript that has another.
const Module = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  return resolve.call(this, name === 'typescript' ? '@ts-morph/common/dist/typescript.js' : name, ...rest);
};
require('@odata2ts/odata2ts/lib/run-cli.js');
