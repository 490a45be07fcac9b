import { posix } from 'node:path';
import type { Finding } from '@souk/contract/findings';
import { found } from '../rules.ts';
import type { OnnxExternalTensor, OnnxModel } from './onnx-model.ts';

/** Size of a file of the package by its path, or null when there is none. */
export type SizeOf = (path: string) => number | null;

/** External weights must be files of the package, whole. `modelPath` is the model's own path inside the package. */
export function externalDataFindings(model: OnnxModel, modelPath: string, sizeOf: SizeOf): Finding[] {
  const findings = new Map<string, Finding>();
  for (const tensor of model.externalTensors) {
    const finding = tensorFinding(tensor, modelPath, sizeOf);
    // One finding per file and kind: a broken file has thousands of broken tensors.
    const key = `${finding?.code}\n${tensor.location}`;
    if (finding !== null && !findings.has(key)) findings.set(key, finding);
    if (findings.size >= 20) break;
  }
  return [...findings.values()];
}

function tensorFinding(tensor: OnnxExternalTensor, modelPath: string, sizeOf: SizeOf): Finding | null {
  const { location, offsetBytes, lengthBytes, neededBytes } = tensor;
  const what = `The weights of tensor “${tensor.tensor}”`;
  const path = externalPath(modelPath, location);
  if (path === null) {
    const message = `${what} lie at “${location}”, which is outside the package.`;
    return found('onnx.external_escapes', { file: modelPath, message });
  }
  const size = sizeOf(path);
  if (size === null) {
    const message = `${what} lie in “${path}”, which is not in the package.`;
    return found('onnx.external_missing', { file: modelPath, message });
  }
  const wrong = (message: string) => found('onnx.external_size', { file: modelPath, message });
  if (!isCount(offsetBytes) || (lengthBytes !== null && !isCount(lengthBytes)))
    return wrong(`${what} have an offset or length that is not a whole number of bytes.`);
  const length = lengthBytes ?? size - offsetBytes;
  if (length < 0 || offsetBytes + length > size)
    return wrong(`${what} end at byte ${offsetBytes + length}, but “${path}” has ${size} bytes.`);
  if (neededBytes !== null && length !== neededBytes)
    return wrong(`${what} take ${neededBytes} bytes by type and shape, but ${length} are given.`);
  return null;
}

/** Where a location points, relative to the package's top; null when it leaves the package or means nothing. */
export function externalPath(modelPath: string, location: string): string | null {
  if (location === '' || location.includes('\0') || location.includes('\\')) return null;
  if (location.startsWith('/') || /^[A-Za-z]:/.test(location)) return null;
  const path = posix.normalize(posix.join(posix.dirname(modelPath), location));
  // ONNX forbids climbing at all, even where the target is inside: the runtime refuses it too.
  const climbs = location.split('/').includes('..');
  return climbs || path.startsWith('../') || path === '.' ? null : path;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
