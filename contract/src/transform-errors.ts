import { defineErrors } from './errors.ts';

/** Refusals of transform jobs, and reasons why a job or one of its files failed. */
export const transformErrors = defineErrors({
  'transform.missing': {
    kind: 'missing',
    message: 'There is no transform job {name} in this account.',
    remedy: 'List them: souk transforms list.',
  },
  'transform.name_taken': {
    kind: 'conflict',
    message: 'A transform job named {name} exists in this account.',
    remedy: 'Give the new one another name; a job’s name stays taken.',
  },
  'transform.ended': {
    kind: 'conflict',
    message: 'The transform job {name} has ended already: {state}.',
    remedy: 'There is nothing to stop.',
  },
  'transform.instance_type_unsupported': {
    kind: 'invalid',
    message: '{model} does not run on {instanceType} in batch here; it runs on {instanceTypes}.',
    remedy: 'Choose one of these.',
  },
  'transform.too_much_in_flight': {
    kind: 'invalid',
    message:
      '{concurrent} calls of {payloadMb} MB each are {productMb} MB at the same time; at most {limitMb} MB are allowed.',
    remedy: 'Lower maxConcurrentTransforms or maxPayloadInMB.',
  },
  'transform.json_path': {
    kind: 'invalid',
    message: 'The {filter} {path} is no usable JSONPath: {problem}',
    remedy:
      'Write a path that begins with $, for example $.features or $[1:]; filter expressions (?) are not taken.',
  },
  'transform.processing_unsupported': {
    kind: 'invalid',
    message: 'Filters and joins cannot be used so: {problem}',
    remedy: 'See docs/buying/batch.md for what goes together.',
  },
  'transform.no_input': {
    kind: 'missing',
    message: 'There is no file at {uri}.',
    remedy: 'Check the spelling (souk files list); a prefix takes every file whose location begins so.',
  },
  'transform.too_many_files': {
    kind: 'invalid',
    message: 'There are more than {limit} files at {uri}.',
    remedy: 'Divide the job by prefixes.',
  },
  'transform.manifest_invalid': {
    kind: 'invalid',
    message: 'The manifest {uri} cannot be used: {problem}',
    remedy: 'Write a JSON list: [{"prefix": "souk://<account>/in/"}, "a.csv", "b.csv"].',
  },
  'transform.input_gone': {
    kind: 'missing',
    message: 'The input {uri} was there when the job began, and is no longer.',
    remedy: 'Put it back and run the job again under another name.',
  },
  'transform.not_gzip': {
    kind: 'invalid',
    message: '{uri} is not gzip: {problem}',
    remedy: 'Compress it with gzip, or set compressionType to None.',
  },
  'transform.gzip_cut_off': {
    kind: 'invalid',
    message: '{uri} ends in the middle of its gzip data.',
    remedy: 'It was not copied whole: send it again.',
  },
  'transform.gzip_bomb': {
    kind: 'invalid',
    message:
      '{uri} unpacks to more than {ratio} times its size: {unpackedBytes} bytes from {packedBytes} so far.',
    remedy: 'Send it uncompressed if it is meant.',
  },
  'transform.record_too_large': {
    kind: 'invalid',
    message: 'Record {record} of {uri} is larger than a call may be ({limitBytes} bytes).',
    remedy: 'Raise maxPayloadInMB (at most 100), or make the record smaller.',
  },
  'transform.file_too_large': {
    kind: 'invalid',
    message: '{uri} is larger than a call may be ({limitBytes} bytes), and is sent whole.',
    remedy:
      'Set splitType so that it is sent record by record, raise maxPayloadInMB, or set it to 0 to stream it.',
  },
  'transform.ragged_csv': {
    kind: 'invalid',
    message: 'Line {line} of {uri} has {columns} columns; the first has {expected}.',
    remedy:
      'Every line of a CSV file has as many columns as the first: mend the line, or quote commas in its texts.',
  },
  'transform.csv_quotes': {
    kind: 'invalid',
    message: 'Line {line} of {uri} has a quotation mark that is not closed.',
    remedy: 'Close it; a text with a line break cannot be split by lines.',
  },
  'transform.record_io_broken': {
    kind: 'invalid',
    message: 'Record {record} of {uri} is no RecordIO record: {problem} (byte {byte}).',
    remedy: 'Write the file anew with a RecordIO writer; it may not have been copied whole.',
  },
  'transform.tf_record_broken': {
    kind: 'invalid',
    message: 'Record {record} of {uri} is no TFRecord record: {problem} (byte {byte}).',
    remedy: 'Write the file anew with a TFRecord writer; it may not have been copied whole.',
  },
  'transform.not_json': {
    kind: 'invalid',
    message: 'Record {record} of {uri} is not JSON, which its filter or join needs: {problem}',
    remedy: 'Mend the record; of application/jsonlines each line is one JSON value.',
  },
  'transform.filter_found_nothing': {
    kind: 'invalid',
    message: 'The {filter} {path} finds nothing in record {record} of {uri}.',
    remedy: 'Mend the path, or the record.',
  },
  'transform.model_refused': {
    kind: 'invalid',
    message: 'The model refused records {from} to {to} of {uri} with {status}: {answer}',
    remedy: 'Mend the records that the answer names; the product’s page says what the model takes.',
  },
  'transform.model_failed': {
    kind: 'unavailable',
    message: 'The model answered records {from} to {to} of {uri} with {status}, {attempts} times: {answer}',
    remedy: 'Run the job again; if it stays, ask the publisher. The file was not counted.',
  },
  'transform.model_timeout': {
    kind: 'unavailable',
    message: 'The model did not answer records {from} to {to} of {uri} within {seconds} s, {attempts} times.',
    remedy: 'Raise invocationsTimeoutInSeconds, or send less at once (maxPayloadInMB, SingleRecord).',
  },
  'transform.model_closed': {
    kind: 'unavailable',
    message: 'The model broke off while it had records {from} to {to} of {uri}, {attempts} times: {problem}',
    remedy:
      'It may not be able to take this input, or need more memory: try a larger instance type. The log says more.',
  },
  'transform.model_not_started': {
    kind: 'unavailable',
    message: 'The model could not be started on {instanceType}: {problem}',
    remedy: 'The log says more; try a larger instance type, or ask the publisher.',
  },
  'transform.answer_mismatch': {
    kind: 'unavailable',
    message: 'The model answered {answered} records where it was sent {sent} ({uri}, from record {from}).',
    remedy: 'Use batchStrategy SingleRecord, or leave out the join and the output filter.',
  },
  'transform.answer_too_large': {
    kind: 'unavailable',
    message: 'The model’s answer to records {from} to {to} of {uri} is larger than {limitBytes} bytes.',
    remedy: 'Send fewer records at once (maxPayloadInMB, SingleRecord).',
  },
  'transform.quota_exhausted': {
    kind: 'limited',
    message: 'The plan’s {limit} units of this month are used up; they are renewed at {resetsAt}.',
    remedy: 'Files that were finished stay and were counted. Run the rest then, or choose another plan.',
  },
  'transform.subscription_lost': {
    kind: 'forbidden',
    message: 'The job was ended with the subscription: {reason}',
    remedy: 'Files that were finished stay. Subscribe again, or see why it is suspended on its page.',
  },
  'transform.files_failed': {
    kind: 'invalid',
    message: '{failed} of {total} files failed; the first is {uri}: {problem}',
    remedy: 'The others were written. Mend the files that failed and run a job over them.',
  },
});
