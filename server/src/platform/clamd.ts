/** Virus scanning: a client of clamd, and a clamd of our own where one is installed. */
export {
  type ClamdAddress,
  type ClamdClient,
  ClamdFault,
  type ClamdOptions,
  clamdClient,
  type ScanResult,
} from './clamd-client.ts';
export { type RunningClamd, type StartClamdOptions, startClamd } from './clamd-server.ts';
export {
  identifyScanner,
  readSignatures,
  type ScannerIdentity,
  type SignatureFile,
  type SignatureSet,
} from './clamd-signatures.ts';
