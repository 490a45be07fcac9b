export interface Ends {
  /** The model has said all: awaited before the caller is told that the answer is complete. */
  complete(): Promise<void>;
  /** The model broke off, or its time was up. */
  broken(): void;
  /** The caller went away. */
  left(): void;
}

/**
 * Passes an answer on as it comes. Its length is not told, so its end is a word of its own (the last chunk of HTTP), and that is
 * what waits for `complete`.
 */
export function streamed(body: ReadableStream<Uint8Array>, ends: Ends): ReadableStream<Uint8Array> {
  const source = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      let complete = false;
      try {
        const { value, done } = await source.read();
        if (!done) return controller.enqueue(value);
        complete = true;
        await ends.complete();
        controller.close();
      } catch {
        if (!complete) ends.broken();
        controller.error(brokenOff());
      }
    },
    async cancel(reason) {
      ends.left();
      await source.cancel(reason).catch(() => {});
    },
  });
}

/** The runtime prints errors of streams: one line is enough. */
function brokenOff(): Error {
  const error = new Error('the answer broke off');
  error.stack = error.message;
  return error;
}
