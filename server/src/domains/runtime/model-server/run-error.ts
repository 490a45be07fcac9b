import { CallError } from './call-error.ts';

/**
 * onnxruntime-node reports a failed run as a bare message, without a code. The model has loaded and its inputs have been
 * checked, so what an operator refuses then (an index out of range, shapes that do not broadcast) was in the input; only
 * what speaks of memory, of a missing kernel or of the runtime itself is not the caller's.
 */
const notTheCallers =
  /bad_alloc|allocat(e|ion|ing)|out of memory|not implemented|NOT_IMPLEMENTED|Could not find an implementation|has ended|internal error/i;

export function runError(model: string, error: unknown): CallError {
  const reason = (error instanceof Error ? error.message : String(error))
    .trim()
    .replaceAll(/\s*\n\s*/g, '; ');
  return notTheCallers.test(reason)
    ? new CallError(500, `model "${model}" failed: ${reason}`)
    : new CallError(400, `model "${model}" refused the input: ${reason}`);
}

/** onnxruntime's messages come with line ends inside and after; they are read in logs and JSON. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().replaceAll(/\s*\n\s*/g, '; ');
}
