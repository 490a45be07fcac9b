/**
 * Loads models in a process of its own: a hostile or broken one may exhaust memory, never return, or abort the process,
 * and then it is this process that goes. Speaks over Node's IPC channel: a path in, a LoadAnswer out.
 */
import { InferenceSession } from 'onnxruntime-node';

export type LoadAnswer = { readonly loaded: true } | { readonly loaded: false; readonly message: string };

async function attempt(path: string): Promise<LoadAnswer> {
  try {
    // The same options as serving, but one thread: a check must not take the machine from those who serve.
    const session = await InferenceSession.create(path, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    await session.release();
    return { loaded: true };
  } catch (error) {
    return { loaded: false, message: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (path) => {
  void attempt(String(path)).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
