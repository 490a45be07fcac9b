import { fail } from '../../platform/errors.ts';
import { newSplitter, type SplitType } from './records/split.ts';
import { newParts } from './transforms.parts.ts';
import type { Path } from './transforms.paths.ts';
import { type Form, filtered, hasHeader, newColumnCheck } from './transforms.processing.ts';

/** Records that go to the model in one call. */
export interface Batch {
  readonly body: Buffer;
  /** As they were read, where answers are joined to them; else only counted. */
  readonly records: readonly Buffer[];
  readonly from: number;
  readonly to: number;
}

export interface BatchSettings {
  readonly uri: string;
  readonly contentType: string;
  readonly form: Form;
  readonly splitType: SplitType;
  readonly single: boolean;
  readonly payloadBytesMax: number;
  readonly inputFilter: Path | null;
  readonly keepRecords: boolean;
}

/** Cuts a file into records and puts them together to calls, one call in memory at a time. */
export async function* batchesOf(content: AsyncIterable<Buffer>, s: BatchSettings): AsyncGenerator<Batch> {
  const { uri, form, splitType, payloadBytesMax } = s;
  const splitter = newSplitter(splitType, { uri, recordBytesMax: payloadBytesMax });
  const lines = splitType === 'Line';
  const check = lines && form === 'csv' ? newColumnCheck(uri) : undefined;
  let headerAwaited = lines && form === 'csv' && hasHeader(s.contentType);
  // A file with a header has it in every call: the model is told by the content type that there is one.
  let head: Buffer | undefined;
  const parts = newParts();
  let records: Buffer[] = [];
  let count = 0;
  let number = 0;
  let line = 0;

  function take(): Batch {
    const batch = { body: parts.take(), records, from: number - count + 1, to: number };
    records = [];
    count = 0;
    begin();
    return batch;
  }
  function begin() {
    if (!head) return;
    parts.add(head);
    parts.endLine(undefined);
  }
  function* add(found: readonly Buffer[], chunk: Buffer | undefined): Generator<Batch> {
    for (const record of found) {
      line += 1;
      check?.(record, line);
      if (headerAwaited) {
        headerAwaited = false;
        head = filtered(record, form, s.inputFilter, { uri, record: 0 });
        begin();
        continue;
      }
      const sent = filtered(record, form, s.inputFilter, { uri, record: number + 1 });
      const size = sent.length + (lines ? 1 : 0);
      if (count > 0 && parts.bytes + size > payloadBytesMax) yield take();
      if (sent.length > payloadBytesMax)
        fail('transform.record_too_large', { record: number + 1, uri, limitBytes: payloadBytesMax });
      number += 1;
      count += 1;
      parts.add(sent);
      if (lines) parts.endLine(chunk);
      if (s.keepRecords) records.push(record);
      if (s.single) yield take();
    }
  }

  for await (const chunk of content) yield* add(splitter.push(chunk), chunk);
  yield* add(splitter.end(), undefined);
  if (count > 0) yield take();
}
