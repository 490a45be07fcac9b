/**
 * onnxruntime's official Linux builds (1.29 and later) send usage data to Microsoft - file names, graph names, hashes of
 * weights - unless ORT_DISABLE_TELEMETRY is in the environment when the first session is made. A publisher's model is not
 * ours to report on. To be imported before onnxruntime-node, by everything that imports it.
 *
 * Node passes an assignment on to the C environment, where onnxruntime looks; Bun keeps it to itself, so there the process
 * becomes itself again with the variable set: same id, same files open, nothing done yet.
 */
if (process.env.ORT_DISABLE_TELEMETRY === undefined) {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  if ('Bun' in globalThis && process.execve !== undefined)
    process.execve(
      process.execPath,
      [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
      process.env,
    );
}
