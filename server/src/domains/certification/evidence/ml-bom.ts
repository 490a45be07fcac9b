import { createHash } from 'node:crypto';
import type { MeasuredLatency } from '@souk/contract/measured-latency';
import type { OnnxDescription } from '@souk/contract/models';
import type { PackageFile } from '../archive/extract.ts';
import { type ImageBomInput, imageComponent } from '../image/sbom.ts';
import { probedRuntime } from '../onnx/operators.gen.ts';

export type BomInput = {
  /** The product's address, `publisher/slug`. */
  readonly product: string;
  readonly title: string;
  readonly version: string;
  readonly supplier: string;
  readonly description?: string;
  /** What it does, from the listing; CycloneDX has a place for it in the model card. */
  readonly useCases?: readonly string[];
  readonly limitations?: readonly string[];
  readonly packageSha256: string;
  readonly files: readonly PackageFile[];
  /** The file that answers calls. */
  readonly modelPath: string | null;
  readonly onnx: OnnxDescription | null;
  readonly measured: readonly MeasuredLatency[];
  /** Declared metrics, for example accuracy on held-out data. */
  readonly metrics?: readonly { readonly type: string; readonly value: string; readonly slice?: string }[];
  /** The images that train it or serve it. */
  readonly images?: readonly Omit<ImageBomInput, 'layers'>[];
  /** A server outside of the marketplace has the model; nothing of it is here. */
  readonly elsewhere?: boolean;
  /** Left out, the document depends on nothing but what it describes, and so has the same digest each time. */
  readonly createdAt?: string;
};

/** CycloneDX 1.6 for a machine-learning model: what it is made of, what it takes and gives, how it was measured. */
export function mlBom(input: BomInput) {
  const model = modelComponent(input);
  const images = (input.images ?? []).map(imageComponent);
  const elsewhere = input.elsewhere
    ? [
        {
          'bom-ref': 'service:model-server',
          name: 'Model server outside of this marketplace',
          description: 'Has the weights; they were not scanned.',
        },
      ]
    : [];
  // What brings its own runtime, or has it elsewhere, needs none of ours.
  const runtime =
    images.length > 0 || input.elsewhere
      ? []
      : [
          {
            type: 'framework',
            'bom-ref': `runtime:onnxruntime@${probedRuntime}`,
            name: 'onnxruntime-node',
            version: probedRuntime,
            purl: `pkg:npm/onnxruntime-node@${probedRuntime}`,
          },
        ];
  const files = input.files.map((file) => ({
    type: 'file',
    'bom-ref': `file:${file.path}`,
    name: file.path,
    hashes: [{ alg: 'SHA-256', content: file.sha256 }],
    properties: [{ name: 'souk:sizeBytes', value: String(file.sizeBytes) }],
  }));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(`${input.product}@${input.version}#${input.packageSha256}`)}`,
    version: 1,
    metadata: {
      ...(input.createdAt === undefined ? {} : { timestamp: input.createdAt }),
      tools: { components: [{ type: 'application', name: 'Souk' }] },
      supplier: { name: input.supplier },
      component: model,
    },
    components: [...runtime, ...images, ...files],
    ...(elsewhere.length > 0 ? { services: elsewhere } : {}),
    dependencies: [
      {
        ref: model['bom-ref'],
        dependsOn: [...runtime, ...images, ...files, ...elsewhere].map((part) => part['bom-ref']),
      },
      ...images.map((image) => ({
        ref: image['bom-ref'],
        dependsOn: image.components.map((part) => part['bom-ref']),
      })),
    ],
  };
}

function modelComponent(input: BomInput) {
  const { onnx } = input;
  const properties = [
    ...(onnx === null
      ? []
      : [
          { name: 'onnx:irVersion', value: String(onnx.irVersion) },
          ...onnx.opsets.map((set) => ({
            name: `onnx:opset:${set.domain === '' ? 'ai.onnx' : set.domain}`,
            value: String(set.version),
          })),
          { name: 'onnx:operators', value: onnx.operators.join(' ') },
          ...(onnx.producer === null ? [] : [{ name: 'onnx:producer', value: onnx.producer }]),
          ...(onnx.parametersCount === null
            ? []
            : [{ name: 'onnx:parameters', value: String(onnx.parametersCount) }]),
        ]),
    ...(input.modelPath === null ? [] : [{ name: 'souk:modelPath', value: input.modelPath }]),
  ];
  return {
    type: 'machine-learning-model',
    'bom-ref': `model:${input.product}@${input.version}`,
    supplier: { name: input.supplier },
    name: input.title,
    version: input.version,
    ...(input.description === undefined ? {} : { description: input.description }),
    hashes: [{ alg: 'SHA-256', content: input.packageSha256 }],
    modelCard: modelCard(input),
    properties,
  };
}

function modelCard(input: BomInput) {
  const format = (value: {
    name: string;
    type: string;
    shape: readonly (number | string | null)[] | null;
  }) => ({
    format: `${value.name}: ${value.type}${value.shape === null ? '' : ` [${value.shape.map((d) => d ?? '?').join(', ')}]`}`,
  });
  const considerations = {
    ...(input.useCases === undefined ? {} : { useCases: [...input.useCases] }),
    ...(input.limitations === undefined ? {} : { technicalLimitations: [...input.limitations] }),
  };
  return {
    modelParameters: {
      inputs: (input.onnx?.inputs ?? []).map(format),
      outputs: (input.onnx?.outputs ?? []).map(format),
    },
    quantitativeAnalysis: {
      performanceMetrics: [
        ...(input.metrics ?? []).map(({ type, value, slice }) => ({
          type,
          value,
          ...(slice === undefined ? {} : { slice }),
        })),
        ...input.measured.flatMap((one) => [
          { type: 'latency p50, ms', value: String(one.p50Ms), slice: one.instanceType },
          { type: 'latency p99, ms', value: String(one.p99Ms), slice: one.instanceType },
          {
            type: 'throughput, calls per second',
            value: String(one.callsPerSecond),
            slice: one.instanceType,
          },
        ]),
      ],
    },
    ...(Object.keys(considerations).length === 0 ? {} : { considerations }),
  };
}

/** A UUID made from a name (RFC 9562, version 8): the same model has the same serial number. */
function uuidOf(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
