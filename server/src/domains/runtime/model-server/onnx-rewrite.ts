import { firstText, type OnnxFile, onnxFields, readZipMap, type ZipMap } from './onnx-file.ts';
import { type Bytes, type Field, fields, writeField, writeNumber, writeText } from './protobuf.ts';

/**
 * The model with the same arithmetic and another surface. `zipMaps`: onnxruntime-node returns tensors only, so each
 * ZipMap at an output becomes an Identity, and the labels are put back on the probabilities by us. `required`: an input
 * with a default is taken by onnxruntime-node only once the default is gone.
 */
export interface Surface {
  readonly zipMaps: readonly ZipMap[];
  readonly required: ReadonlySet<string>;
}

export function rewriteOnnx(model: Uint8Array, file: OnnxFile, surface: Surface): Uint8Array {
  const bytes: Bytes = {
    length: model.length,
    byte: (position) => model[position] ?? 0,
    read: (start, end) => model.subarray(start, end),
  };
  const raw = (field: Field) => model.subarray(field.at, field.end);
  const parts: Uint8Array[] = [];
  for (const field of fields(bytes, 0, bytes.length))
    parts.push(
      field.number === onnxFields.model.graph
        ? writeField(onnxFields.model.graph, ...graphParts(bytes, field, surface, raw))
        : raw(field),
    );
  if (surface.zipMaps.length > 0 && !file.importsDefaultDomain)
    parts.push(writeField(onnxFields.model.opsetImport, writeText(1, ''), writeNumber(2, 9)));
  return Buffer.concat(parts);
}

function* graphParts(
  bytes: Bytes,
  graph: Field,
  surface: Surface,
  raw: (field: Field) => Uint8Array,
): Generator<Uint8Array> {
  const flattened = new Set(surface.zipMaps.map((zipMap) => zipMap.output));
  for (const field of fields(bytes, graph.start, graph.end)) {
    if (field.number === onnxFields.graph.node && flattened.size > 0) {
      const zipMap = readZipMap(bytes, field);
      yield zipMap !== undefined && flattened.has(zipMap.output) ? identity(zipMap) : raw(field);
    } else if (field.number === onnxFields.graph.output && flattened.has(firstText(bytes, field, 1) ?? ''))
      yield floats(firstText(bytes, field, 1) ?? '');
    else if (
      field.number === onnxFields.graph.initializer &&
      surface.required.has(firstText(bytes, field, onnxFields.initializer.name) ?? '')
    )
      continue;
    else yield raw(field);
  }
}

function identity(zipMap: ZipMap): Uint8Array {
  return writeField(
    onnxFields.graph.node,
    writeText(onnxFields.node.input, zipMap.source),
    writeText(onnxFields.node.output, zipMap.output),
    writeText(onnxFields.node.opType, 'Identity'),
  );
}

/** A float tensor whose shape onnxruntime infers. */
function floats(name: string): Uint8Array {
  const type = writeField(1, writeNumber(1, 1));
  return writeField(onnxFields.graph.output, writeText(1, name), writeField(2, type));
}
