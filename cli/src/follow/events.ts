/** Server-sent events of one name, parsed as they arrive (WHATWG HTML, section 9.2.6). */
export async function* eventsNamed(
  body: ReadableStream<Uint8Array>,
  name: string,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let buffer = '';
  let event = 'message';
  let data: string[] = [];
  for await (const chunk of body) {
    buffer += decoder.decode(chunk, { stream: true });
    // A carriage return at the very end may be half of a pair.
    const complete = buffer.endsWith('\r') ? buffer.slice(0, -1) : buffer;
    const lines = complete.split(/\r\n|\n|\r/);
    buffer = (lines.pop() ?? '') + buffer.slice(complete.length);
    for (const line of lines) {
      if (line === '') {
        if (event === name && data.length > 0) yield data.join('\n');
        event = 'message';
        data = [];
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
    }
  }
}
