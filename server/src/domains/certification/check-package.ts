import { join } from 'node:path';
import type { Finding } from '@souk/contract/findings';
import type { PackageFile } from './archive/extract.ts';
import { checkModel } from './onnx/check-model.ts';
import type { Declared } from './onnx/declared.ts';
import type { ModelLoader } from './onnx/load-attempt.ts';
import type { OnnxModel } from './onnx/onnx-model.ts';
import { found } from './rules.ts';

/** A package of many models is checked model by model; beyond this it is no package that somebody serves. */
const modelsMax = 20;

export type CheckedPackage = {
  readonly findings: Finding[];
  /** The one that answers calls; null when that cannot be said. */
  readonly modelPath: string | null;
  readonly model: OnnxModel | null;
};

export type CheckPackageOptions = {
  readonly dir: string;
  readonly files: readonly Pick<PackageFile, 'path' | 'sizeBytes'>[];
  readonly loader: ModelLoader;
  readonly declared?: Declared;
};

/** Which file answers calls: model.onnx at the top, or the only model that there is. */
export function servedModel(paths: readonly string[]): string | null {
  const models = paths.filter((path) => path.toLowerCase().endsWith('.onnx'));
  if (models.includes('model.onnx')) return 'model.onnx';
  return models.length === 1 ? (models[0] ?? null) : null;
}

/** The models of an unpacked package: which one is served, and whether each can be. */
export async function checkPackage(options: CheckPackageOptions): Promise<CheckedPackage> {
  const { dir, files, loader, declared } = options;
  const models = files.map((file) => file.path).filter((path) => path.toLowerCase().endsWith('.onnx'));
  const modelPath = servedModel(models);
  const findings: Finding[] = [];
  if (models.length === 0)
    findings.push(found('package.model_missing', { message: 'There is no .onnx file in the package.' }));
  else if (modelPath === null) {
    const message = `The package has ${models.length} models (${models.slice(0, 5).join(', ')}) and no model.onnx at its top.`;
    findings.push(found('package.model_ambiguous', { message }));
  }
  const sizes = new Map(files.map((file) => [file.path, file.sizeBytes]));
  let served: OnnxModel | null = null;
  for (const path of models.slice(0, modelsMax)) {
    const checked = await checkModel(join(dir, path), {
      loader,
      packagePath: path,
      sizeOf: (inside) => sizes.get(inside) ?? null,
      ...(path === modelPath && declared !== undefined ? { declared } : {}),
    });
    findings.push(...checked.findings);
    if (path === modelPath) served = checked.model;
  }
  return { findings, modelPath, model: served };
}
