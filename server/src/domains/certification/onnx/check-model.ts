import type { Finding } from '@souk/contract/findings';
import { found } from '../rules.ts';
import { type Declared, declaredFindings } from './declared.ts';
import { externalDataFindings, type SizeOf } from './external-data.ts';
import type { ModelLoader } from './load-attempt.ts';
import { modelFindings } from './model-findings.ts';
import type { OnnxModel } from './onnx-model.ts';
import { readOnnxFile } from './read-model.ts';

export type CheckedModel = { readonly findings: Finding[]; readonly model: OnnxModel | null };

export type CheckModelOptions = {
  readonly loader: ModelLoader;
  /** The model's path inside its package, for findings and for its external data. */
  readonly packagePath: string;
  readonly sizeOf: SizeOf;
  readonly declared?: Declared;
};

/** Everything there is to say about one .onnx file on disk: read, compared, and loaded by the runtime. */
export async function checkModel(path: string, options: CheckModelOptions): Promise<CheckedModel> {
  const file = options.packagePath;
  const read = readOnnxFile(path);
  if (!read.ok) {
    const message = `This is not an ONNX model that can be read: ${read.problem}.`;
    return {
      findings: [found(read.tooComplex ? 'onnx.too_complex' : 'onnx.unreadable', { file, message })],
      model: null,
    };
  }
  const { model } = read;
  const external = externalDataFindings(model, file, options.sizeOf);
  const declared = options.declared === undefined ? [] : declaredFindings(model, options.declared, file);
  // The runtime opens what the model names: only models whose weights lie inside the package are shown to it.
  const escapes = external.some((finding) => finding.code === 'onnx.external_escapes');
  const result = escapes
    ? ({ outcome: 'unavailable', message: 'its weights lie outside the package' } as const)
    : await options.loader.load(path);
  const fromRuntime = modelFindings(model, result, file).filter(
    // Missing or short weights make the runtime refuse as well; once is enough.
    (finding) =>
      external.length === 0 || !['onnx.load_failed', 'onnx.load_not_attempted'].includes(finding.code),
  );
  return { findings: [...external, ...fromRuntime, ...declared], model };
}
