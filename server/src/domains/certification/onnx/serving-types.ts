/** Element types that calls can carry: those of Open Inference tensors that onnxruntime-node also takes and gives. */
export const servedElementTypes: readonly string[] = [
  'float32',
  'float64',
  'float16',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
  'string',
];
